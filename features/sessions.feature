@phase1
Feature: Sessions end

  @red:suspension-at-login-alone
  Scenario: Nobody works on for a tenant that is suspended
    When "GET /api/admin/services" is attacked with "session.suspended"
    Then every attempt is answered 403

  @red:ended-membership-accepted
  Scenario: Who has left a tenant is a stranger there
    When "GET /api/admin/services" is attacked with "token.ended-membership"
    Then the wall holds
