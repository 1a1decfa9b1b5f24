"""What may be done, before somebody drives there: who bears what and why, in a number of reads that doesn't grow."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from entitlements.models import Account
from support.actions.work.planning import plan_visits
from support.domain.cover_terms import Aspect, ScopeKind
from support.models import Asset
from support.queries.work.authorised import authorised, foreseen_share
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.support.factories import AssetFactory, CaseFactory, CoverScopeFactory
from tests.support.worked import a_pump, maintained, narrowed, warranted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def pump(db: None) -> Asset:
    return a_pump()


@pytest.fixture
def acme(pump: Asset) -> Account:
    return pump.account


def test_each_share_names_who_bears_it(acme: Account, pump: Asset) -> None:
    cover, warranty = maintained(acme), warranted(pump)
    found = authorised(acme, asset=pump, at=AT)
    assert [(one.borne, one.customer, one.by) for one in found.shares] == [
        (100, 0, f"cover:{cover.pk}"),
        (100, 0, f"warranty:{warranty.pk}"),
        (50, 50, f"cover:{cover.pk}"),
    ]
    assert [one.words for one in found.shares] == ["Covered", "Covered", "The customer pays 50 %"]
    assert found.labour.why.startswith("Maintenance (cover agreed with the customer) bears 100 %.")


def test_nothing_bears_it_and_what_nearly_would(acme: Account, pump: Asset) -> None:
    narrowed(maintained(acme), AssetFactory(account=acme))
    found = authorised(acme, asset=pump, at=AT)
    assert [one.customer for one in found.shares] == [100, 100, 100]
    assert found.labour.why.startswith("Nothing bears labour. Maintenance would, but: It reaches")
    assert found.parts.why == "Nothing bears parts."


def test_what_has_to_be_authorised_is_said_once(acme: Account) -> None:
    maintained(acme, authorisation="The plant manager approves.")
    found = authorised(acme, at=AT)
    assert found.authorisation == "The plant manager approves."
    assert found.parts.authorisation == ""


def test_a_device_at_a_place_in_scope(acme: Account, pump: Asset) -> None:
    cover = maintained(acme)
    CoverScopeFactory(cover=cover, kind=ScopeKind.LOCATION, location=pump.location, product=None)
    assert authorised(acme, asset=pump, at=AT).labour.borne == 100
    assert authorised(acme, at=AT).labour.borne == 0


def test_warranties_with_their_last_day(acme: Account, pump: Asset) -> None:
    warranted(pump)
    warranted(pump, voided_at=AT - DAY, voided_by="Ada", void_reason="Opened by somebody else.")
    later = warranted(pump, starts_at=AT + DAY)
    told = {one.standing: one for one in authorised(acme, asset=pump, at=AT).warranties}
    assert set(told) == {"In force", "Void: Opened by somebody else.", "It begins later."}
    assert told["It begins later."].warranty == later
    assert told["In force"].through_on.isoformat() == "2027-12-31"
    assert {one.standing for one in authorised(acme, asset=pump, at=AT + 800 * DAY).warranties} >= {"It is over."}


def test_visits_left_of_the_covers_that_apply(acme: Account, pump: Asset) -> None:
    plan_visits(narrowed(maintained(acme), pump), at=AT)
    assert authorised(acme, asset=pump, at=AT).visits_left == 2
    assert authorised(acme, at=AT).visits_left == 0


def test_out_of_service_is_said(acme: Account) -> None:
    gone = a_pump(acme, product="old", serial="OLD-1", retired_at=AT, retire_reason="Beyond repair.")
    assert authorised(acme, asset=gone, at=AT).caution == "It was taken out of service: Beyond repair."


def test_without_a_device_it_says_so_where_there_are_some(acme: Account, pump: Asset) -> None:
    assert authorised(acme, at=AT).caution.startswith("No device was named")
    assert authorised(acme, asset=pump, at=AT).caution == ""
    assert authorised(acme, at=AT, case=CaseFactory(account=acme, asset=pump)).caution == ""


def test_a_case_brings_its_choice(acme: Account, pump: Asset) -> None:
    maintained(acme)
    chosen = maintained(acme, name="The cheap one", labour=10)
    case = CaseFactory(account=acme, asset=pump, chosen_cover=f"cover:{chosen.pk}")
    assert authorised(acme, at=AT, case=case).labour.borne == 10


def test_a_visit_takes_labour_and_travel_along(acme: Account) -> None:
    cover = maintained(acme)
    plan_visits(cover, at=AT)
    visit = cover.visits.get(number=1)
    told = {
        aspect: foreseen_share(acme, aspect, asset=None, case=None, visit=visit, at=AT).customer
        for aspect in (Aspect.LABOUR, Aspect.PARTS, Aspect.TRAVEL)
    }
    assert told == {Aspect.LABOUR: 0, Aspect.PARTS: 100, Aspect.TRAVEL: 0}


def test_the_number_of_reads_does_not_grow(
    acme: Account, pump: Asset, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    plan_visits(maintained(acme), at=AT)
    warranted(pump)
    with django_assert_max_num_queries(40) as few:
        authorised(acme, asset=pump, at=AT)
    for number in range(5):
        plan_visits(narrowed(maintained(acme, name=f"More {number}"), pump), at=AT)
        warranted(pump)
    with django_assert_max_num_queries(len(few)):
        authorised(acme, asset=pump, at=AT)


def test_of_an_account_without_anything(db: None) -> None:
    found = authorised(AccountFactory(), at=AT)
    assert [one.customer for one in found.shares] == [100, 100, 100]
    assert (found.visits, found.warranties, found.authorisation, found.caution) == ((), (), "", "")
