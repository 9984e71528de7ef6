@phase1
Feature: No way of writing a path leads past the middleware

  @red:suffix-skips-guard
  Scenario: Paths that a router and a matcher may read differently
    When "GET /api/admin/services" is attacked with "path"
    Then the wall holds
