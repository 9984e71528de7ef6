@phase1
Feature: Every request can be found in the log

  @red:log-lacks-tenant
  Scenario: Answers name their request, and the log says whose it was
    When acme.admin calls "GET /api/admin/services"
    Then the answer is 200
    And the answer has the header "x-request-id"
    When "GET /api/admin/services" is attacked with "plain.call"
    Then the wall holds
