"""Teaching by turns: asked for by people and by the night, one at a time, and taken up where a dead worker left it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent
from support.actions.intake import turns
from support.actions.intake.teaching import add_phrase, ask_teaching
from support.actions.intake.turns import KILLED, LEASE, begin_teaching, hold_teaching, teach_in_turn
from support.integrations.teacher import Teacher
from support.models import ClassifierVersion, Teaching
from tests.catalog.factories import FeatureFactory
from tests.conftest import actor
from tests.support.casework import NOW

pytestmark = pytest.mark.django_db
SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)


def ask(at: datetime = NOW, **more: Any) -> Teaching:
    return ask_teaching(by=SYSTEM, at=at, **more)


def teach(turn: Teaching, folder: Path, *, at: datetime = SOON) -> ClassifierVersion | None:
    return teach_in_turn(turn, clock=lambda: at, folder=folder)


def stands() -> Teaching:
    return Teaching.objects.get()


def test_what_was_asked_for_is_taught_once_and_said(tmp_path: Path) -> None:
    assert begin_teaching(at=NOW) is None
    ask()
    turn = begin_teaching(at=SOON)
    assert turn is not None
    assert begin_teaching(at=SOON) is None
    version = teach(turn, tmp_path)
    assert (stands().is_open, stands().version, stands().failed, stands().ended_at) == (False, version, "", SOON)
    assert begin_teaching(at=LATER) is None


def test_what_waits_is_asked_for_once_and_by_whom_is_in_the_audit(tmp_path: Path) -> None:
    for _ in range(2):
        ask()
    assert AuditEvent.objects.filter(verb="classifier:ask_teaching").count() == 1
    with pytest.raises(NotAllowed):
        ask_teaching(by=actor("auditor"), at=NOW)


def test_what_is_asked_for_while_one_is_under_way_comes_after_it(tmp_path: Path) -> None:
    ask()
    turn = begin_teaching(at=NOW)
    add_phrase(text="save as CSV", feature=FeatureFactory(key="exports"), by=SYSTEM, at=SOON)
    ask(SOON)
    assert begin_teaching(at=SOON) is None
    teach(turn, tmp_path)
    assert stands().is_open
    assert begin_teaching(at=LATER) is not None


def test_a_dead_worker_is_followed_by_the_next_and_changes_nothing_after(tmp_path: Path) -> None:
    ask()
    dead = begin_teaching(at=NOW)
    assert begin_teaching(at=NOW + LEASE - timedelta(seconds=1)) is None
    assert hold_teaching(dead, at=SOON)
    assert begin_teaching(at=NOW + LEASE) is None
    living = begin_teaching(at=SOON + LEASE)
    assert living is not None
    assert not hold_teaching(dead, at=SOON + LEASE)
    teach(dead, tmp_path, at=SOON + LEASE)
    assert stands().is_open
    teach(living, tmp_path, at=LATER + LEASE)
    assert (stands().is_open, ClassifierVersion.objects.count()) == (False, 1)


def test_what_kills_each_worker_is_given_up_until_it_is_asked_for_again() -> None:
    ask()
    for number in range(turns.MOST_ATTEMPTS):
        assert begin_teaching(at=NOW + number * LEASE) is not None
    at = NOW + turns.MOST_ATTEMPTS * LEASE
    assert begin_teaching(at=at) is None
    assert (stands().is_open, stands().failed) == (False, KILLED)
    ask(at)
    assert begin_teaching(at=at) is not None


def test_a_failure_is_said_and_the_next_goes_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise MemoryError

    ask()
    with monkeypatch.context() as patched:
        patched.setattr(turns, "teach_classifier", broken)
        teach(begin_teaching(at=NOW), tmp_path)
    assert (stands().is_open, stands().failed) == (False, "Something went wrong (MemoryError). The log says more.")
    ask(LATER)
    teach(begin_teaching(at=LATER), tmp_path, at=LATER)
    assert stands().failed == ""


def test_the_night_asks_unless_it_went_well_lately(tmp_path: Path) -> None:
    ask()
    teach(begin_teaching(at=NOW), tmp_path)
    rest = timedelta(hours=12)
    assert not ask(LATER, rest=rest).is_open
    assert ask(SOON + rest, rest=rest).is_open


@pytest.mark.django_db(transaction=True)
def test_a_tick_wakes_the_teacher_and_waits_for_nothing(tmp_path: Path) -> None:
    teacher = Teacher()

    def wake() -> bool:
        return teacher.wake(clock=lambda: NOW, folder=tmp_path)

    assert not wake()
    ask()
    assert wake()
    assert teacher.wait(60)
    assert not stands().is_open
    assert not wake()
