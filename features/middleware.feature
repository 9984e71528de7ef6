@phase1
Feature: The middleware believes no header that says who somebody is
  What names tenant or user comes from the verified session; whatever a client says beside it is refused.

  @red:tenant-header-trusted
  Scenario: JWT tenant != header tenant is refused
    When acme.admin calls "GET /api/admin/services"
    Then the answer shows rows of acme
    When acme.admin calls "GET /api/admin/services"
      | header | x-tenant-id | {globex.key} |
    Then the answer is 403
    And nothing of globex crosses

  @red:slug-header-not-refused
  Scenario: 403 on tenant mismatch for a high-risk admin route
    When acme.admin calls "GET /api/admin/users/export"
      | header | x-tenant-slug | {globex.slug} |
    Then the answer is 403
    And nothing of globex crosses

  @red:org-header-trusted
  Scenario: No header moves a request to another tenant
    When "GET /api/admin/services" is attacked with "header"
    Then the wall holds
