"""The screens about seats: the tab of an account, the list, assigning, and what is done with one seat."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.domain.values import Squeeze
from entitlements.actions.accounts import set_standing
from entitlements.admin.seats.forms import read_people
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.seats import SeatState
from entitlements.models import Account, Seat
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.entitlements.admin.filling import opened, send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.seating import counted, protected, seat, squeezing
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db
TAB = "/admin/account/acme/seats/"


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def assigning(desk: Client, people: str, *, step: str = "check", **given: Any) -> Any:
    page = url("seat_assign", "acme", "seats")
    told = {"people": people, "state": "invited", "reason": "Joined", "seen": "", "step": step} | given
    return desk.post(page, told)


def test_the_tab_says_who_sits_where_and_how_many_are_left(support_desk: Client, world: Metered, acme: Account) -> None:
    protected(seat(acme, world.seats, "ann@acme.example", at=AT - DAY))
    seat(acme, world.seats, "bob", active=False)
    use(acme, world.seats, 1)
    said = text_of(support_desk.get(TAB))
    assert "Seats 2 left 2 taken of 5 · 1 more in use without a name · 2 left" in said
    assert "ann@acme.example protected active 1 March 2026 – holds it Unprotect · Pass on · Release" in said
    assert "bob invited 2 March 2026 – holds it Mark as used" in said


def test_if_it_were_fewer_the_page_says_who_would_lose_theirs(
    support_desk: Client, world: Metered, acme: Account
) -> None:
    seat(acme, world.seats, "ann", "bob", "cas", at=AT - DAY)
    asked = {"feature": "seats", "if": "2"}
    assert "With 2 seats, nobody would lose a seat" in text_of(support_desk.get(TAB, asked))
    squeezing(world.seats, Squeeze.INVITED_THEN_NEWEST)
    assert "With 2 seats, 1 person would lose theirs: cas." in text_of(support_desk.get(TAB, asked))
    assert "With 3 seats, everybody keeps theirs." in text_of(support_desk.get(TAB, asked | {"if": "3"}))
    assert "Write how many seats" in text_of(support_desk.get(TAB, asked | {"if": "many"}))


def test_who_is_squeezed_out_is_marked(support_desk: Client, world: Metered, acme: Account) -> None:
    squeezing(world.seats, Squeeze.INVITED_THEN_NEWEST)
    seat(acme, world.seats, "ann", "bob", at=AT - DAY)
    overridden(acme, world.seats, Mode.AT_MOST, Decimal(1), at=AT - DAY)
    said = text_of(support_desk.get(TAB))
    assert "Seats 1 squeezed out 2 taken of 1" in said
    assert "bob active 1 March 2026 – squeezed out" in said


def test_the_auditor_looks_and_changes_nothing(sign_in: Any, world: Metered, acme: Account) -> None:
    row, desk = seat(acme, world.seats, "ann"), sign_in("auditor")
    said = text_of(desk.get(TAB))
    assert "ann active" in said
    assert "Release" not in said
    assert desk.get(url("seat_release", "acme", row.pk)).status_code == 403


def test_an_account_without_seats_is_told_how_it_gets_some(support_desk: Client, world: Metered, acme: Account) -> None:
    assert "Nobody by name yet These are held one by one." in text_of(support_desk.get(TAB))
    account("bare")
    page = reverse("admin:desk_account_seats", args=["bare"])
    assert "nothing that is held one by one" in text_of(support_desk.get(page))


def test_the_list_finds_people_and_those_released(support_desk: Client, world: Metered, acme: Account) -> None:
    ann, _bob = seat(acme, world.seats, "Ann@acme.example", "bob")
    support_desk.post(url("seat_release", "acme", ann.pk), opened(support_desk, ("seat_release", "acme", ann.pk)))
    page = url("account_seats", "acme", "seats")
    assert "Nobody fits that" in text_of(support_desk.get(page, {"q": "ann"}))
    said = text_of(support_desk.get(page, {"q": "ANN@", "state": "released"}))
    assert "Ann@acme.example released" in said
    assert "released on 2 March 2026" in said


def test_first_the_page_says_who_gets_a_seat(support_desk: Client, world: Metered, acme: Account) -> None:
    seat(acme, world.seats, "ann")
    page = assigning(support_desk, "ANN\nZoe Zander <zoe@acme.example>\nbob, Bob\nbob")
    said = text_of(page)
    assert "2 new seats, 1 has one already, 1 line named somebody twice." in said
    assert "ANN has one already, active" in said
    assert "Zoe Zander zoe@acme.example gets a seat" in said
    assert Seat.objects.count() == 1
    done = assigning(support_desk, "ANN\nbob, Bob\nbob", step="do", seen=page.context["preview"]["token"])
    assert "Since you looked" in str(complaints(done))  # another list than the one that was shown


def test_what_was_looked_at_is_done(support_desk: Client, world: Metered, acme: Account) -> None:
    people = "Zoe Zander <zoe@acme.example>\nbob, Bob"
    seen = assigning(support_desk, people).context["preview"]["token"]
    assert assigning(support_desk, people, step="do", seen=seen, state="active").status_code == 302
    rows = Seat.objects.order_by("pk").values_list("holder", "name", "state", "reason")
    assert list(rows) == [("zoe@acme.example", "Zoe Zander", "active", "Joined"), ("bob", "Bob", "active", "Joined")]
    assert counted(acme, world.seats) == 2


def test_somebody_faster_is_not_overlooked(support_desk: Client, world: Metered, acme: Account) -> None:
    seen = assigning(support_desk, "bob").context["preview"]["token"]
    seat(acme, world.seats, "zoe")
    done = assigning(support_desk, "bob", step="do", seen=seen)
    assert "Since you looked" in str(complaints(done))
    assert Seat.objects.count() == 1


def test_too_many_get_no_button(support_desk: Client, world: Metered, acme: Account) -> None:
    page = assigning(support_desk, "\n".join(f"user:{number}" for number in range(7)))
    assert "2 too many. Seats are given to all of them or to nobody" in text_of(page)
    assert 'value="do"' not in page.content.decode()


def test_nobody_is_seated_in_a_closed_account(support_desk: Client, world: Metered, acme: Account) -> None:
    set_standing(account=acme, standing=Standing.CLOSED, reason="Asked", by=SYSTEM, at=AT - DAY)
    assert "so nobody gets a seat" in str(complaints(assigning(support_desk, "ann")))
    assert "At least" not in str(complaints(assigning(support_desk, "")))


@pytest.mark.parametrize(("act", "active", "words", "verb"), [
    ("activate", False, "From now on the seat counts as used", "seat:activate"),
    ("protect", True, "is the last to lose theirs", "seat:protect"),
    ("release", True, "has no seat of Seats from this second on", "seat:release"),
])  # fmt: skip
def test_each_act_says_what_happens_and_does_it(
    support_desk: Client, world: Metered, acme: Account, act: str, active: bool, words: str, verb: str
) -> None:
    row = seat(acme, world.seats, "ann", active=active)
    where = (f"seat_{act}", "acme", row.pk)
    assert words in text_of(support_desk.get(url(*where)))
    assert send(support_desk, where, reason="Asked").status_code == 302
    told = AuditEvent.objects.get(verb=verb)
    assert (told.reason, told.account_key) == ("Asked", "acme")


def test_a_seat_is_passed_on_and_the_timeline_tells_it(support_desk: Client, world: Metered, acme: Account) -> None:
    row = seat(acme, world.seats, "ann")
    given = {"holder": "bob", "name": "Bob", "reason": "Took over"}
    assert send(support_desk, ("seat_transfer", "acme", row.pk), **given).status_code == 302
    taken = Seat.objects.get(holder="bob")
    assert (taken.state, counted(acme, world.seats)) == (SeatState.INVITED, 1)
    story = text_of(support_desk.get(reverse("admin:desk_account_timeline", args=["acme"])))
    assert "Transfer seat" in story
    assert "Assign seat" in story


def test_a_form_opened_before_somebody_else_changed_the_seat_saves_nothing(
    support_desk: Client, world: Metered, acme: Account
) -> None:
    row = seat(acme, world.seats, "ann")
    where = ("seat_release", "acme", row.pk)
    given = opened(support_desk, where)
    protected(row)
    assert "was changed since you opened this form" in str(complaints(support_desk.post(url(*where), given)))
    assert counted(acme, world.seats) == 1


def test_people_are_read_as_they_are_pasted() -> None:
    pasted = 'ann@x.example, Ann Smith\r\n\n"Bob B" <bob@x.example>\ncas;Cas\nuser:7\tDan\n eve \n'
    assert [(one.holder, one.name) for one in read_people(pasted)] == [
        ("ann@x.example", "Ann Smith"), ("bob@x.example", "Bob B"), ("cas", "Cas"), ("user:7", "Dan"), ("eve", ""),
    ]  # fmt: skip
