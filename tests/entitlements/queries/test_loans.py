"""Where a loan stands, what it is called, and how its end is told, before and after."""

from datetime import date, datetime

import pytest

from entitlements.actions.loans import recall
from entitlements.domain.facts import Mode
from entitlements.models.loan import LoanState
from entitlements.queries.clock.ahead import ends_ahead
from entitlements.queries.lending import borrowers_of, effects_of_lending
from entitlements.queries.loans import LoanPlace, how_long, loan_by_id, loans_of, place_of, token_of, what_is_lent
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotFound
from tests.entitlements.factories import LoanFactory
from tests.entitlements.lending import borrowing, lent, may_lend, on_free
from tests.entitlements.world import AT, DAY, GB, Catalog, catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    may_lend()
    return catalog()


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"state": LoanState.REQUESTED, "approved_at": None, "approved_by": ""}, LoanPlace.WAITING),
        ({"state": LoanState.REJECTED}, LoanPlace.REJECTED),
        ({"state": LoanState.WITHDRAWN}, LoanPlace.WITHDRAWN),
        ({"starts_at": AT + DAY}, LoanPlace.TO_COME),
        ({}, LoanPlace.RUNNING),
        ({"ends_at": AT, "through_on": date(2026, 3, 1)}, LoanPlace.ENDED),
        ({"recalled_at": AT, "recalled_by": "Ann"}, LoanPlace.RECALLED),
    ],
)
def test_where_it_stands(db: None, more: dict[str, object], place: LoanPlace) -> None:
    assert place_of(LoanFactory(**more), at=AT) is place
    assert place.words


def test_what_is_lent_in_words(sold: Catalog) -> None:
    acme = on_free(sold, "acme")[0]
    told = [
        lent(sold.team, account=acme),
        lent(sold.team, account=acme, quantity=2),
        lent(account=acme, feature=sold.sso),
        lent(account=acme, feature=sold.storage, mode=Mode.ADD, value=20 * GB, typed_unit="GB"),
        lent(account=acme, feature=sold.seats, mode=Mode.DENY, value=None),
    ]
    said = ["Team", "2 × Team", "Single sign-on", "Storage: + 20 GB", "Seats: denied"]
    assert [what_is_lent(loan) for loan in told] == said


def test_how_long_is_said_where_the_customer_is(sold: Catalog) -> None:
    acme = on_free(sold, "acme")[0]
    assert how_long(lent(sold.team, account=acme)) == "through 31 March 2026 (Amsterdam)"
    assert how_long(lent(sold.team, cohort=borrowing(acme))) == "through 31 March 2026, where each of them is"


def test_an_account_knows_those_of_its_cohorts_too(sold: Catalog) -> None:
    acme, other = on_free(sold, "acme", "other")
    own, all_of_them = lent(sold.team, account=acme), lent(feature=sold.sso, cohort=borrowing(acme, other))
    assert (set(loans_of(acme)), loans_of(other)) == ({own, all_of_them}, [all_of_them])
    assert loan_by_id(own.pk, account=acme) == own
    with pytest.raises(NotFound):
        loan_by_id(own.pk, account=other)


def test_the_token_differs_once_it_is_recalled(sold: Catalog) -> None:
    loan = lent(sold.team, account=on_free(sold, "acme")[0])
    before = token_of(loan)
    assert token_of(recall(loan=loan, reason="Over", by=SYSTEM, at=AT + DAY)) != before


def test_its_end_is_told_ahead_by_its_name(sold: Catalog) -> None:
    acme = on_free(sold, "acme")[0]
    for what in ({"plan": sold.team}, {"feature": sold.sso}):
        lent(account=acme, **what)
    assert [end.words for end in ends_ahead(account=acme, at=AT, within=40 * DAY)] == [
        "The loan of Team lasts through 31 March 2026 (Amsterdam)",
        "The loan of Single sign-on lasts through 31 March 2026 (Amsterdam)",
    ]


def test_a_cohort_costs_no_more_reads_than_one_account(sold: Catalog, django_assert_max_num_queries: object) -> None:
    counts = []
    for key, names in (("one", ["a"]), ("many", list("bcdefgh"))):
        loan = LoanFactory(account=None, cohort=borrowing(*on_free(sold, *names), key=key), feature=sold.sso)
        with django_assert_max_num_queries(100) as reads:  # type: ignore[operator]
            borrowers = borrowers_of(loan, at=AT)
            effects = effects_of_lending(loan, borrowers, at=AT)
        counts.append(len(reads))
        assert [one.differences[0].after for one in effects] == ["on"] * len(names)
    assert counts[0] == counts[1]


def test_the_beginning_is_what_an_effect_is_worked_out_for(sold: Catalog) -> None:
    acme = on_free(sold, "acme")[0]
    later = datetime(2026, 3, 10, tzinfo=AT.tzinfo)
    lent(feature=sold.sso, account=acme, through_on=date(2026, 3, 5))
    loan = LoanFactory(account=acme, feature=sold.sso, starts_at=later)
    effect = effects_of_lending(loan, borrowers_of(loan, at=AT), at=AT)[0]
    assert [(line.before, line.after) for line in effect.differences] == [("not included", "on")]
