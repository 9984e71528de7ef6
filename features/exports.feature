@phase1
Feature: Exports

  @red:export-ignores-tenant
  Scenario: An export holds the caller's rows alone
    When acme.admin calls "GET /api/admin/bookings/export"
    Then the answer shows rows of acme
    And nothing of globex crosses

  @red:export-by-name-alone
  Scenario: Files are not to be had by their names
    When "GET /api/portal/exports/{file}" is attacked with "export"
    Then the wall holds

  @red:file-by-key-alone
  Scenario: Files are not to be had by their keys
    When "GET /api/portal/files/{storageKey}" is attacked with "id"
    Then the wall holds
