@phase1
Feature: A token opens its own tenant, and only while it is genuine

  @red:payload-not-verified
  Scenario: A tenant set in the claims is not believed without a new signature
    When acme.admin calls "GET /api/admin/services"
      | claim | tenantId | {globex.key}     |
      | host  | -        | globex.localhost |
    Then the answer is 401 or 403
    And nothing of globex crosses

  @red:alg-none-accepted
  Scenario: Tokens that others sign are refused
    When "GET /api/admin/services" is attacked with "token"
    Then the wall holds
    And every attempt is answered 401, 403 or 404

  @red:expired-accepted
  Scenario: Expired tokens are refused
    When "GET /api/admin/service-requests" is attacked with "token.expired"
    Then every attempt is answered 401
