@phase1
Feature: Switching tenants

  @red:get-ignores-tenant
  Scenario: Who belongs to two tenants reaches no third one
    When "GET /api/admin/services/{id}" is attacked with "id.path"
    Then the wall holds

  @red:switch-to-any @database
  Scenario: A switch to a tenant that one does not belong to is refused
    When acme.admin calls "POST /api/tenant/switch" on a row of globex
    Then the answer is 4xx

  @red:dead-session-accepted
  Scenario: A token from before a switch is dead
    When "GET /api/admin/services" is attacked with "token.before-switch"
    Then every attempt is answered 401
