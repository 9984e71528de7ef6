Feature: A firm's services are its own

  Scenario: Another firm's service is not there
    When globex.admin calls "GET /api/admin/services/{id}"
    Then the answer shows rows of globex
    When acme.admin calls "GET /api/admin/services/{id}" on a row of globex
    Then the answer is 404
    And nothing of globex crosses

  Scenario: No header moves a request to another firm
    When "GET /api/admin/services" is attacked with "header"
    Then the wall holds
