"""The story of one account: merged, filtered, and turned page by page without a line lost or told twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entitlements import timeline_sources
from entitlements.actions.accounts import open_account
from entitlements.actions.contacts import add_contact
from entitlements.domain.facts import Mode
from entitlements.models import Account
from entitlements.queries.story.timeline import timeline, who_acted
from entitlements.timeline_sources import Asked, Moment, Place, Source, parse_place
from journal.actions.notices import tell
from journal.domain.actor import SYSTEM
from tests.conftest import actor
from tests.entitlements.factories import EntitlementChangeFactory, overridden
from tests.entitlements.world import AT, DAY, GB, account, catalog

HOUR = timedelta(hours=1)


def words(held_by: Account, **asked: object) -> list[str]:
    return [moment.words for moment in timeline(account=held_by, **asked).moments]


def changed(held_by: Account, *, at: datetime, cause: str = "Its trial ended", feature: str = "storage") -> None:
    EntitlementChangeFactory(account=held_by, feature_key=feature, effective_at=at, cause=cause)


def told(held_by: Account, *, at: datetime, subject: str = "A trial ended") -> None:
    once = str(uuid4())
    tell(
        recipient="ana@desk.example",
        subject=subject,
        body="",
        once_key=once,
        kind="test",
        at=at,
        account_key=held_by.key,
    )


@pytest.mark.django_db
def test_acts_time_and_notices_are_one_story_newest_first() -> None:
    acme = account()
    changed(acme, at=AT - 2 * DAY)
    told(acme, at=AT - DAY)
    assert words(acme) == ["Told ana@desk.example: A trial ended", "Its trial ended", "Open account: Acme"]


@pytest.mark.django_db
def test_what_one_boundary_changed_is_one_moment() -> None:
    acme = account()
    for feature in ("storage", "seats", "sso"):
        changed(acme, at=AT, feature=feature)
    [moment] = timeline(account=acme, sorts=["time"]).moments
    assert len(moment.changes) == 3


@pytest.mark.django_db
def test_another_account_has_its_own_story() -> None:
    changed(account("other"), at=AT)
    assert words(account()) == ["Open account: Acme"]


@pytest.mark.django_db
def test_it_can_be_narrowed_to_a_sort() -> None:
    acme = account()
    changed(acme, at=AT)
    told(acme, at=AT)
    assert words(acme, sorts=["time"]) == ["Its trial ended"]
    assert words(acme, sorts=["notice", "act"]) == ["Open account: Acme", "Told ana@desk.example: A trial ended"][::-1]


@pytest.mark.django_db
def test_it_can_be_narrowed_to_a_feature_and_shows_only_what_that_became() -> None:
    acme, sold = account(), catalog()
    overridden(acme, sold.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    overridden(acme, sold.sso, Mode.REPLACE, True, at=AT - HOUR)
    changed(acme, at=AT, feature="seats")
    found = timeline(account=acme, feature="storage").moments
    assert [m.changes for m in found if m.changes] == [(("Storage", "not included", "20 GB"),)]
    assert all("Single" not in moment.words for moment in found)


@pytest.mark.django_db
def test_an_override_that_was_only_asked_for_is_about_its_feature() -> None:
    from entitlements.actions.overrides import grant

    acme, sold = account(), catalog()
    more = {"value": 900 * GB, "through_on": None, "review_on": AT.date(), "reason": "Big deal"}
    grant(account=acme, feature=sold.storage, mode=Mode.ADD, by=actor("sales"), at=AT, **more)
    assert any("Storage" in line for line in words(acme, feature="storage"))


@pytest.mark.django_db
def test_it_can_be_narrowed_to_who_did_it_and_time_is_nobody() -> None:
    acme = open_account(key="acme", name="Acme", zone="UTC", by=actor("sales", "Ana"), at=AT)
    changed(acme, at=AT + HOUR)
    assert words(acme, who="sales-Ana") == ["Open account: Acme"]
    assert words(acme, who="desk") == []
    assert who_acted(account=acme) == (("sales-Ana", "Ana"),)


@pytest.mark.django_db
def test_days_bound_it_from_the_first_on_and_before_the_last() -> None:
    acme = account(at=AT - 9 * DAY)
    for hours in range(4):
        changed(acme, at=AT + hours * HOUR, cause=f"Hour {hours}")
    assert words(acme, since=AT + HOUR, until=AT + 3 * HOUR) == ["Hour 2", "Hour 1"]


@pytest.mark.django_db
def test_a_page_goes_on_where_the_last_ended_though_more_has_happened_since() -> None:
    acme = account(at=AT - 9 * DAY)
    for hours in range(5):
        changed(acme, at=AT + hours * HOUR, cause=f"Hour {hours}")
    first = timeline(account=acme, newest=2)
    changed(acme, at=AT + 9 * HOUR, cause="Later")
    assert words(acme, newest=2, before=first.next_cursor) == ["Hour 2", "Hour 1"]


@pytest.mark.django_db
def test_the_last_page_leads_no_further() -> None:
    acme = account()
    assert timeline(account=acme, newest=1).next_cursor is None


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-03-02~act~1", "2026-03-02T00:00:00+00:00~act~x", f"2026-03-02T00:00:00+00:00~act~{2**63}"],
)
def test_a_cursor_that_names_no_place_is_the_beginning(text: str) -> None:
    assert parse_place(text) is None


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(AT, "act", 7)
    assert parse_place(str(place)) == place


@pytest.fixture
def another_source() -> Iterator[None]:
    before = dict(timeline_sources._sources)
    yield
    timeline_sources._sources.clear()
    timeline_sources._sources.update(before)


@pytest.mark.django_db
def test_who_knows_of_more_registers_a_source(another_source: None) -> None:
    def calls(asked: Asked) -> list[Moment]:
        return [Moment(AT, "call", 1, f"Called {asked.account}")]

    timeline_sources.register(Source("call", "Calls", calls))
    acme = account()
    assert words(acme) == ["Called Acme", "Open account: Acme"]
    assert words(acme, sorts=["act"]) == ["Open account: Acme"]


class AnyPages(TestCase):
    @given(
        hours=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["act", "time", "notice"])), max_size=12),
        newest=st.integers(1, 5),
    )
    def test_pages_of_any_length_tell_the_same_story_as_one(self, hours: list[tuple[int, str]], newest: int) -> None:
        acme = account()
        for number, (hour, sort) in enumerate(hours):
            at = AT + hour * HOUR
            if sort == "act":
                add_contact(account=acme, name="Bea", email=f"bea{number}@acme.example", by=SYSTEM, at=at)
            elif sort == "time":
                changed(acme, at=at, cause=f"Cause {number}", feature=f"feature-{number}")
            else:
                told(acme, at=at, subject=f"Notice {number}")
        whole = timeline(account=acme, newest=100).moments
        turned, before = [], None
        while True:
            page = timeline(account=acme, newest=newest, before=before)
            turned += page.moments
            if (before := page.next_cursor) is None:
                break
        assert tuple(turned) == whole
