@phase1
Feature: Numbers are a tenant's own

  @red:slug-header-not-refused
  Scenario: Statistics show the caller's tenant, whatever a header says
    When "GET /api/admin/stats/*" is attacked with "header.tenant"
    Then every attempt is answered 403

  @red:host-not-compared
  Scenario: Statistics answer nobody of another tenant
    When acme.admin calls "GET /api/admin/analytics"
      | host | - | globex.localhost |
    Then the answer is 403

  @red:urgent-count-ignores-tenant
  Scenario: Counts and sums follow the caller's own rows alone
    When "GET /api/admin/stats/*" is attacked with "plain.without-others"
    Then the wall holds

  @red:series-ignores-tenant
  Scenario: So do series
    When "GET /api/admin/analytics" is attacked with "plain.without-others"
    Then the wall holds

  @red:empty-means-everybodys
  Scenario: Who has no rows is shown nothing of everybody's
    When "GET /api/admin/services/stats" is attacked with "plain.without-others"
    Then the wall holds

  @red:open-month-ignores-tenant
  Scenario: Each month of a series is the tenant's own
    When "GET /api/admin/analytics" is attacked with "plain.without-others"
    Then the wall holds
