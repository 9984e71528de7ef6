@phase1
Feature: The signed tenant cookie

  @red:cookie-not-verified
  Scenario: Invalid signature rejection
    When "GET /api/admin/services" is attacked with "cookie.tampered"
    Then the wall holds
    And every attempt is answered 403

  @red:cookie-never-expires
  Scenario: Tenant cookie expiry handling
    When "GET /api/admin/services" is attacked with "cookie.expired"
    Then every attempt is answered 403

  @red:cookie-of-any-user
  Scenario: A cookie is of use to nobody but who got it
    When "GET /api/admin/services" is attacked with "cookie"
    Then the wall holds
