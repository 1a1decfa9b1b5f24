"""What changed: pages by stamp and id, of deals with their lines' stamps, deleted and merged records among them."""

from datetime import datetime, timedelta

import pytest

from desk.integrations.crm.port import Hint, Kind
from desk.integrations.salesforce import reading
from tests.desk.integrations.salesforce.conftest import Org
from tests.entitlements.world import AT

LATER = AT + timedelta(hours=1)


def pages(
    org: Org, kind: Kind = Kind.DEAL, since: datetime | None = None, until: datetime = LATER
) -> list[tuple[Hint, ...]]:
    """Each page over a line of its own, as after a restart: nothing is known but where the last one ended."""
    found, after = [], ""
    while True:
        with org.open() as crm:
            page = crm.changed(kind, since=since, until=until, after=after)
        found.append(page.hints)
        after = page.after
        if not after:
            return found


def hints(org: Org, kind: Kind = Kind.DEAL, since: datetime | None = None, until: datetime = LATER) -> list[Hint]:
    return [one for page in pages(org, kind, since, until) for one in page]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)


def test_companies_of_a_stretch(org: Org) -> None:
    org.fake.advance(minutes=1)
    org.fake.edit(org["globex"], Phone="1")
    org.fake.advance(minutes=1)
    org.fake.edit(org["acme"], Phone="1")
    minute = timedelta(minutes=1)
    assert hints(org, Kind.COMPANY, since=AT + minute) == [
        Hint(org["globex"], AT + minute),
        Hint(org["acme"], AT + 2 * minute),
    ]
    assert hints(org, Kind.COMPANY, since=AT + minute, until=AT + 2 * minute) == [Hint(org["globex"], AT + minute)]
    assert len(hints(org, Kind.COMPANY)) == 3


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("number", [2, 3, 4, 6, 7])
def test_a_page_may_end_between_two_of_one_stamp(org: Org, number: int) -> None:
    ids = {org.fake.add("Account", Name=f"Customer {place}") for place in range(number)} | {
        org[short] for short in ("acme", "globex", "initech")
    }
    found = pages(org, Kind.COMPANY)
    told = [one.id for page in found for one in page]
    assert (sorted(told), len(told)) == (sorted(ids), len(ids))
    assert all(len(page) <= 3 for page in found)
    assert {one.changed_at for page in found for one in page} == {AT}


@pytest.mark.usefixtures("small")
def test_deals_and_lines_come_in_the_order_of_their_stamps(org: Org) -> None:
    for minute in range(1, 6):
        org.fake.advance(minutes=1)
        if minute % 2:
            org.fake.edit(org["line:acme_team:team"], Description=f"{minute}")
        else:
            org.fake.edit(org["globex_start"], NextStep=f"{minute}")
    found = hints(org, since=AT)
    assert [one.changed_at for one in found] == sorted(one.changed_at for one in found)
    assert found[-1] == Hint(org["acme_team"], AT + timedelta(minutes=5))
    assert Hint(org["globex_start"], AT + timedelta(minutes=4)) in found


@pytest.mark.usefixtures("small")
def test_deals_of_which_no_line_changes_go_over_pages_too(org: Org) -> None:
    org.fake.advance(minutes=1)
    ids = [org[short] for short in ("acme_team", "globex_start", "initech_talk", "globex_won")]
    for id in ids:
        org.fake.edit(id, NextStep="Call")
    assert sorted(one.id for one in hints(org, since=AT + timedelta(seconds=30))) == sorted(ids)


@pytest.mark.usefixtures("small")
def test_deals_and_lines_that_fill_a_page_only_together_are_all_told(org: Org) -> None:
    org.fake.advance(minutes=1)
    for short in ("initech_talk", "globex_won"):
        org.fake.edit(org[short], NextStep="Call")
    for short in ("line:acme_team:team", "line:globex_start:starter"):
        org.fake.edit(org[short], Description="Changed")
    found = pages(org, since=AT + timedelta(seconds=30))
    assert [len(page) for page in found] == [3, 1]
    told = {one.id for page in found for one in page}
    assert told == {org[short] for short in ("initech_talk", "globex_won", "acme_team", "globex_start")}


def test_a_line_whose_deal_bears_an_older_stamp(org: Org) -> None:
    org.fake.advance(minutes=1)
    org.fake.edit(org["line:acme_team:team"], ServiceDate="2026-04-01")
    assert org.fake.row(org["acme_team"])["SystemModstamp"] == AT
    assert hints(org, since=AT + timedelta(seconds=30)) == [Hint(org["acme_team"], AT + timedelta(minutes=1))]


@pytest.mark.parametrize("short", ["acme_team", "line:acme_team:team"])
def test_what_was_deleted_is_told(org: Org, short: str) -> None:
    org.fake.advance(minutes=1)
    org.fake.delete(org[short])
    found = hints(org, since=AT + timedelta(seconds=30))
    assert {one.id for one in found} == {org["acme_team"]}


def test_accounts_that_were_merged_are_both_told(org: Org) -> None:
    org.fake.advance(minutes=1)
    org.fake.merge(org["globex"], org["acme"])
    found = {one.id for one in hints(org, Kind.COMPANY, since=AT + timedelta(seconds=30))}
    assert found == {org["globex"], org["acme"]}
    deals = {one.id for one in hints(org, since=AT + timedelta(seconds=30))}
    assert deals >= {org["globex_start"], org["globex_won"]}, "whose they are changed"


def test_what_is_written_meanwhile_moves_no_page(org: Org, small: None) -> None:
    for place in range(4):
        org.fake.add("Account", Name=f"Customer {place}")
    with org.open() as crm:
        first = crm.changed(Kind.COMPANY, since=None, until=LATER)
    org.fake.advance(minutes=1)
    moved = first.hints[0].id
    org.fake.edit(moved, Phone="1")
    with org.open() as crm:
        rest = crm.changed(Kind.COMPANY, since=None, until=LATER, after=first.after)
        last = crm.changed(Kind.COMPANY, since=None, until=LATER, after=rest.after)
    told = [one.id for page in (first, rest, last) for one in page.hints]
    assert sorted(told) == sorted([*{one.id for page in (first, rest, last) for one in page.hints}, moved])
    assert len(set(told)) == 7


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("place", ["2026-03-02T09:00:00.000Z|' OR Name != '", "yesterday|001000000000001AAA"])
def test_a_place_that_is_none_begins_anew(org: Org, place: str) -> None:
    with org.open() as crm:
        page = crm.changed(Kind.COMPANY, since=None, until=LATER, after=place)
    assert len(page.hints) == 3


def test_a_page_of_deals_is_two_questions_and_of_companies_one(org: Org) -> None:
    hints(org)
    org.asked()
    hints(org)
    assert len(org.asked()) == 2
    hints(org, Kind.COMPANY)
    assert len(org.asked()) == 1


def test_the_time_is_the_organisations(org: Org) -> None:
    org.fake.skew(-90)
    with org.open() as crm:
        assert crm.now() == AT - timedelta(seconds=90)
        assert crm.count(Kind.DEAL) == 4
