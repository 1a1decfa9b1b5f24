"""Whose a company is: each rule, each doubt, and never two accounts for one."""

import pytest

from desk.domain.crm.linking import Candidates, LinkRule, link, own_domain
from desk.domain.crm.told import Company
from tests.desk.domain.crm.deals import AT


def company(**more):
    return Company("crm", "c1", "Acme", AT, **more)


def fits(linked="", **by_rule):
    return Candidates(linked, {LinkRule(rule): accounts for rule, accounts in by_rule.items()})


def test_linked_once_it_stays_linked_whatever_else_fits():
    assert link(company(own_key="other"), fits("acme", own_key=["other"], domain=["third"])).account == "acme"


@pytest.mark.parametrize("rule", ["own_key", "domain"])
def test_the_only_account_that_fits_a_rule_is_the_one(rule):
    found = link(company(own_key="acme" if rule == "own_key" else ""), fits(**{rule: ["acme"], "name": ["b"]}))
    assert (found.account, found.rule) == ("acme", LinkRule(rule))


def test_the_order_that_staff_chose_counts():
    candidates = fits(domain=["by-domain"], own_key=["by-key"])
    assert link(company(own_key="by-key"), candidates, rules=(LinkRule.DOMAIN, LinkRule.OWN_KEY)).account == "by-domain"


def test_a_name_is_only_proposed():
    found = link(company(), fits(name=["acme"]), opens=True)
    assert (found.account, found.opens, found.proposed) == ("", False, ("acme",))


def test_several_that_fit_are_a_doubt_and_no_later_rule_guesses_among_them():
    found = link(company(), fits(domain=["b", "a"], name=["a"]), opens=True)
    assert (found.account, found.proposed, found.opens) == ("", ("a", "b"), False)


def test_a_key_that_nobody_has_is_a_doubt_and_no_new_account():
    found = link(company(own_key="acne"), fits(domain=["acme"]), opens=True)
    assert (found.account, found.opens) == ("", False)
    assert "no account has that key" in found.doubt


def test_what_no_rule_finds_is_opened_only_where_staff_said_so():
    assert link(company(), fits(), opens=True).opens
    assert link(company(), fits()).doubt == "No account fits Acme."
    assert not link(company(gone=True), fits(), opens=True).opens


def test_an_account_that_trying_out_may_not_reach_is_a_doubt_with_its_own_words():
    found = link(company(own_key="acme"), Candidates(unfit="It is for trying out."), opens=True)
    assert (found.opens, found.doubt) == (False, "It is for trying out.")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.example", "acme.example"),
        ("https://www.Acme.example/nl?from=x", "acme.example"),
        ("http://acme.example:8080", "acme.example"),
        ("info@acme.example", "acme.example"),
        ("gmail.com", ""),
        ("not a domain", ""),
        ("", ""),
    ],
)
def test_a_domain_is_the_same_however_it_is_written(text, domain):
    assert own_domain(text) == domain
