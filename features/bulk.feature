@phase1
Feature: Bulk operations

  @red:bulk-mixed-ids @database
  Scenario: Bulk operations respect the tenant filter
    When "POST /api/admin/tasks/bulk" is attacked with "bulk"
    Then the wall holds

  @red:bulk-without-filter @database
  Scenario: A bulk change without a filter is refused by name
    When "PATCH /api/admin/services/bulk" is attacked with "bulk.no-filter"
    Then the wall holds
    And every attempt is answered 400

  @red:bulk-status-only @database
  Scenario: Status alone is no filter
    When "PATCH /api/admin/service-requests/bulk" is attacked with "bulk.status-only"
    Then the wall holds
