@phase2 @browser
Feature: In a browser
  What browsers keep, and pages show, is one firm's. The first two scenarios are the plan's specs of subdomain routing, the third
  is that of tenant switching.

  @red:state-of-last-visitor
  Scenario: should route to correct tenant based on subdomain
    Given globex.admin opens "/dashboard" of globex in a browser
    When acme.admin opens "/dashboard" of acme in a browser
    Then the answer says "acme"
    And the answer shows rows of acme
    And nothing of globex crosses
    When the pages are attacked with "browser.in-turn"
    Then the wall holds

  @red:mismatch-not-redirected
  Scenario: should deny access to cross-tenant resources
    When acme.admin opens "/dashboard" of globex in a browser
    Then nothing of globex crosses

  @red:drafts-key-lacks-firm
  Scenario: Tenant switching leaves nothing of the other firm on the page
    When the pages are attacked with "browser.switch"
    Then the wall holds

  @red:worker-cache-stays-after-logout
  Scenario: Log-out leaves nothing for the next person
    When the pages are attacked with "browser.next-person"
    Then the wall holds
