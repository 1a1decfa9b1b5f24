"""Contracts as they are read: where they stand, what differs, what signing would do, what lies ahead."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.window import Window
from entitlements.actions.contract_endings import end_early, give_notice
from entitlements.actions.contract_signing import sign
from entitlements.actions.sweep import sweep
from entitlements.models import Contract, Override, Subscription
from entitlements.models.contract import Renewal
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.ahead import ends_ahead
from entitlements.queries.clock.endings import endings_of
from entitlements.queries.contracts import (
    Place,
    contract_at,
    contracts_of,
    difference,
    ends_with,
    preview_signing,
    say_line,
    say_ordinal,
    say_term,
    say_terms,
    terms_difference,
    terms_of,
    version_at,
)
from journal.domain.actor import SYSTEM
from tests.conftest import actor
from tests.entitlements.contracts import (
    amended,
    another_quantity,
    drafted,
    promising,
    selling,
    signed,
    without_line,
)
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy

pytestmark = pytest.mark.django_db
END = datetime(2027, 3, 1, 23, tzinfo=UTC)
FIXED: dict[str, Any] = {"renewal": Renewal.ENDS, "renewal_months": None}


def in_force(world: Catalog | None = None, **terms: Any) -> Contract:
    """Team and 25 seats, renewing every year on 2 March."""
    world = world or catalog()
    version = drafted(account(), **terms)
    selling(version, world.team)
    promising(version, world.seats, Decimal(25))
    return signed(version).contract


def place(contract: Contract, at: datetime = AT) -> Place:
    found = contract_at(contract=contract, at=at)
    assert found is not None
    return found.place


def test_a_contract_is_told_with_its_term_its_lines_and_what_they_made() -> None:
    contract = in_force()
    (found,) = contracts_of(account=contract.account, at=END + DAY)
    assert (found.place, found.version.number, found.zone) == (Place.IN_FORCE, 1, "Europe/Amsterdam")
    assert found.term is not None
    assert say_term(found.term, zone=found.zone) == (
        "second term, 2 March 2027 through 1 March 2028 (Europe/Amsterdam)"
    )
    assert (found.renews_at, found.last_day_for_notice) == (found.term.ends_at, date(2028, 1, 31))
    assert [line.words for line in found.lines] == ["1 × Team", "Seats: 25"]
    assert [(len(line.items), len(line.overrides)) for line in found.lines] == [(1, 0), (0, 1)]


def test_every_place_a_contract_may_stand_in() -> None:
    world = catalog()
    acme = account()
    draft = drafted(acme)
    promising(draft, world.sso, True)
    assert place(draft.contract) is Place.DRAFT
    sign(version=draft, by=actor("sales"), at=AT)
    assert place(draft.contract) is Place.WAITING
    later = drafted(acme, effective_on=date(2026, 4, 1))
    selling(later, world.free)
    contract = signed(later).contract
    assert place(contract) is Place.TO_COME
    assert place(contract, AT + 60 * DAY) is Place.IN_FORCE
    contract = give_notice(contract=contract, said_by="Bea", by=SYSTEM, at=AT + 60 * DAY)
    assert place(contract, AT + 60 * DAY) is Place.ENDING
    assert contract.ends_at is not None
    assert place(contract, contract.ends_at) is Place.ENDED


def test_as_it_was_known_then() -> None:
    contract = in_force()
    give_notice(contract=contract, said_by="Bea", by=SYSTEM, at=AT + 10 * DAY)
    then, now = (contract_at(contract=contract, at=AT + DAY, known_at=k) for k in (AT + DAY, None))
    assert then is not None
    assert now is not None
    assert (then.place, now.place) == (Place.IN_FORCE, Place.ENDING)
    assert contract_at(contract=contract, at=AT, known_at=AT - DAY) is None
    assert contracts_of(account=contract.account, at=AT, known_at=AT - DAY) == ()


def test_the_version_that_spoke_and_what_the_next_says_otherwise() -> None:
    world = catalog()
    contract = in_force(world)
    version = amended(contract, on=date(2026, 4, 1), notice_days=60)
    another_quantity(version, 1, 3)
    without_line(version, 2)
    promising(version, world.storage, 5 * GB, typed_unit="GB", through_on=date(2026, 6, 30))
    version, first = signed(version), contract.versions.get(number=1)
    found = [version_at(contract=contract, at=at) for at in (AT - DAY, AT, AT + 60 * DAY)]
    assert found == [None, first, version]
    assert [(one.sort, one.before, one.after) for one in difference(first, version)] == [
        ("changed", "1 × Team", "3 × Team"),
        ("removed", "Seats: 25", ""),
        ("added", "", "Storage: 5 GB, through 30 June 2026"),
    ]
    was, becomes = terms_difference(first, version, at=AT) or ("", "")
    assert was.endswith("Notice: 30 days before the end.")
    assert becomes.endswith("Notice: 60 days before the end.")


def test_a_preview_shows_what_changes_who_approves_and_why_and_writes_nothing() -> None:
    policy(days=400, percent=100)
    world, acme = catalog(), account()
    version = drafted(acme, effective_on=date(2026, 4, 1), **FIXED)
    selling(version, world.team, 2)
    promising(version, world.seats, Decimal(25))
    found = preview_signing(version=version, by=actor("sales"), at=AT)
    assert found.effective_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert ("Seats", "25") in [(effect.name, effect.after) for effect in found.effects]
    assert found.begins == ("2 × Team", "Seats becomes 25 through 31 March 2027 (Europe/Amsterdam)")
    assert (found.waits, found.refusals) == (True, ())
    assert found.because.startswith("Line 2: Beyond what sales may concede alone: it is 150 % better")
    assert not Subscription.objects.exists()
    assert not Override.objects.exists()


def test_a_preview_of_an_amendment_shows_what_ends() -> None:
    contract = in_force()
    version = amended(contract, on=date(2026, 4, 1))
    without_line(version, 2)
    found = preview_signing(version=version, by=actor("sales"), at=AT)
    assert found.ends == ("Seats becomes 25 through 31 March 2026 (Europe/Amsterdam)",)
    assert [(effect.name, effect.before, effect.after) for effect in found.effects] == [("Seats", "25", "10")]
    assert not found.waits
    assert Override.objects.get().ends_at is None


def test_a_preview_says_what_signing_would_be_refused_for() -> None:
    found = preview_signing(version=drafted(account()), by=actor("sales"), at=AT)
    assert [refusal.message for refusal in found.refusals] == ["It promises nothing yet. Add a line first."]


def test_what_would_end_with_it_in_words() -> None:
    assert ends_with(in_force(), at=AT) == ("1 × Team", "Seats becomes 25, no end")


def test_terms_and_lines_in_words() -> None:
    version = drafted(account())
    assert say_terms(terms_of(version, at=AT)) == (
        "12 months from 2 March 2026; then it renews by 12 months each time. Notice: 30 days before the end."
    )
    until = drafted(version.contract.account, term_months=None, **FIXED)
    assert say_terms(terms_of(until, at=AT)) == "From 2 March 2026 until somebody ends it, 30 days after notice."
    line = selling(version, catalog().team, 5, interval="year", starts_on=date(2026, 5, 1))
    assert say_line(line) == "5 × Team, paid by the year, from 1 May 2026"
    assert [say_ordinal(n) for n in (1, 10, 11, 21, 22, 113)] == ["first", "tenth", "11th", "21st", "22nd", "113th"]


def test_the_last_day_for_notice_and_the_end_are_announced_and_nothing_of_its_lines_beside_them() -> None:
    contract = in_force()
    acme, at = contract.account, END - 40 * DAY
    notice, term = ends_ahead(account=acme, at=at, within=60 * DAY)
    assert (term.sort, term.at) == (EndOf.CONTRACT, END)
    assert term.words.startswith(f"The running term of contract {contract.key} (Framework agreement) lasts through")
    assert term.then == "It renews by itself for 12 months, unless notice is given through 30 January 2027."
    assert notice.sort is EndOf.NOTICE
    assert notice.words == (
        f"The time to give notice on contract {contract.key}, which renews on 2 March 2027 (Amsterdam), "
        "lasts through 30 January 2027 (Amsterdam)"
    )
    give_notice(contract=contract, said_by="Bea", by=SYSTEM, at=at)
    (end,) = ends_ahead(account=acme, at=at, within=60 * DAY)
    assert (end.sort, end.at) == (EndOf.CONTRACT, END)


def test_what_came_by_itself_is_told_with_the_contract() -> None:
    contract = in_force(**FIXED)
    version = amended(contract, on=date(2026, 4, 1), **FIXED)
    without_line(version, 2)
    effective_at = signed(version).effective_at
    assert effective_at is not None
    told = endings_of(contract.account, (Window(AT, END + DAY),))
    assert [(ending.kind, ending.at) for ending in told] == [
        ("contract_version", effective_at),
        ("contract_ended", END),
    ]
    assert told[0].words == f"Contract {contract.key}, version 2, took effect"


def test_a_line_with_a_last_day_of_its_own_is_told_by_itself() -> None:
    world = catalog()
    version = drafted(account())
    promising(version, world.sso, True, through_on=date(2026, 5, 31))
    acme = signed(version).contract.account
    assert [end.sort for end in ends_ahead(account=acme, at=AT, within=100 * DAY)] == [EndOf.OVERRIDE]
    assert [ending.kind for ending in endings_of(acme, (Window(AT, AT + 100 * DAY),))] == ["override_ended"]


def test_what_somebody_ends_at_once_was_told_by_the_act() -> None:
    contract = in_force()
    end_early(contract=contract, ends_at=AT + DAY, reason="Bankrupt", by=SYSTEM, at=AT + DAY)
    assert endings_of(contract.account, (Window(AT, AT + 2 * DAY),)) == []


def test_the_sweep_tells_an_amendment_that_took_effect() -> None:
    contract = in_force()
    version = amended(contract, on=date(2026, 4, 1))
    without_line(version, 2)
    signed(version)
    sweep(at=AT)
    sweep(at=AT + 40 * DAY)
    assert [(row.before, row.after) for row in contract.account.changes.filter(audit_id=None)] == [("25", "10")]
