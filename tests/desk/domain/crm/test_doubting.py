"""Which deal of another CRM is the same sale, and what of one deal stands on several lines."""

import pytest

from desk.domain.crm.doubting import Alike, on_several_lines, same_sale, sold_by
from desk.domain.crm.wanted import Extension, FeaturePromise, PlanPromise, Promise, Wanted
from entitlements.domain.facts import Mode

TEAM, PRO = Promise("team:l1", PlanPromise("team", 5)), Promise("pro:l2", PlanPromise("pro", 1))
SSO = Promise("sso", FeaturePromise("sso", Mode.REPLACE, True))
LONGER = Extension("longer", days=14)


def other(*promises: Promise, trial: bool = False, name: str = "Big one") -> Alike:
    return Alike("Other CRM", name, sold_by(promises, trial=trial), "contract C-1")


def test_what_bears_its_name_and_sells_some_of_the_same_is_the_same_sale():
    found = Wanted((TEAM, PRO))
    assert same_sale(" big  ONE", found, [other(SSO), other(PRO, SSO)]) == other(PRO, SSO)


@pytest.mark.parametrize("else_", [other(SSO), other(TEAM, name="Another"), other(trial=True)])
def test_what_sells_nothing_of_the_same_or_is_called_otherwise_is_another(else_):
    assert same_sale("Big one", Wanted((TEAM,)), [else_]) is None


def test_a_longer_trial_alone_is_a_sale_too():
    assert same_sale("Big one", Wanted(extension=LONGER), [other(trial=True)]) == other(trial=True)
    assert same_sale("Big one", Wanted(extension=LONGER), [other(TEAM)]) is None


def test_the_plans_on_more_than_one_line_are_named_with_what_stands_on_each():
    again = Promise("team:l3", PlanPromise("team", 2))
    assert on_several_lines([TEAM, PRO, again, SSO]) == {"team": [5, 2]}
