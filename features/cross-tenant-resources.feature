@phase1
Feature: Rows of another tenant are not there

  @red:get-ignores-tenant
  Scenario: Cross-tenant service access
    When globex.admin calls "GET /api/admin/services/{id}"
    Then the answer shows rows of globex
    When acme.admin calls "GET /api/admin/services/{id}" on a row of globex
    Then the answer is 404
    And nothing of globex crosses

  @red:user-delete-ignores-tenant @database
  Scenario: Cross-tenant user data
    When acme.admin calls "GET /api/admin/users/{id}" on a row of globex
    Then the answer is 403 or 404
    And nothing of globex crosses
    When acme.admin calls "DELETE /api/admin/users/{id}" on a row of globex
    Then the answer is 403 or 404
    And nothing of globex crosses

  @red:comments-by-parent-alone
  Scenario: Cross-tenant service request access
    When globex.admin calls "GET /api/admin/service-requests/{id}/comments"
    Then the answer shows rows of globex
    When acme.admin calls "GET /api/admin/service-requests/{id}/comments" on a row of globex
    Then the answer is 404
    And nothing of globex crosses

  @red:patch-ignores-tenant
  Scenario: Neither read nor changed nor deleted
    When "* /api/admin/services/{id}" is attacked with "id"
    Then the wall holds

  @red:create-trusts-assignee @database
  Scenario: Nothing is made to point at another tenant's rows
    When "POST /api/admin/service-requests" is attacked with "assign"
    Then the wall holds
