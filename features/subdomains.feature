@phase1
Feature: A subdomain is its tenant's own

  @red:host-not-compared
  Scenario: Subdomain mismatch is refused
    When acme.admin calls "GET /api/admin/services"
      | host | - | globex.localhost |
    Then the answer is 403
    And nothing of globex crosses

  @red:trailing-dot-skips-guard
  Scenario: However the host is written
    When "GET /api/portal/services" is attacked with "host"
    Then the wall holds
