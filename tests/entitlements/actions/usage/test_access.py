"""Who was let in and refused, counted and traced."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from catalog.models import Feature
from entitlements.actions.usage import access
from entitlements.actions.usage.access import (
    MOST_COUNTS,
    OTHERS,
    REFUSALS_A_MINUTE,
    AccessNotes,
    flush_access,
    note_access,
)
from entitlements.models import AccessCount, Account, DecisionTrace
from tests.catalog.factories import FeatureFactory
from tests.entitlements.factories import AccountFactory
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_noted(settings: Any) -> Any:
    settings.DESK_TRACE_GRANTS = 0.0
    access._notes.forget()
    yield
    access._notes.forget()


@pytest.fixture
def acme() -> Account:
    return AccountFactory(key="acme")


@pytest.fixture
def sso() -> Feature:
    return FeatureFactory(key="sso", name="Single sign-on")


def noted(acme: Account, sso: Feature, *, allowed: bool = True, at: datetime = AT, **more: Any) -> None:
    told = {"point": "GET /login", "asked_by": "key:shop", "question": {"quantity": 1}, "answer": {"because": "so"}}
    note_access(account_id=acme.pk, feature_id=sso.pk, allowed=allowed, at=at, **{**told, **more})


def counts() -> list[tuple[str, datetime, int, int]]:
    return list(AccessCount.objects.order_by("hour", "point").values_list("point", "hour", "granted", "denied"))


def test_both_are_counted_by_point_and_hour(acme: Account, sso: Feature) -> None:
    for allowed in (True, True, False):
        noted(acme, sso, allowed=allowed)
    noted(acme, sso, at=AT + timedelta(hours=1))
    assert flush_access() == 4
    assert counts() == [
        ("GET /login", datetime(2026, 3, 2, 9, tzinfo=UTC), 2, 1),
        ("GET /login", datetime(2026, 3, 2, 10, tzinfo=UTC), 1, 0),
    ]


def test_later_ones_are_added_to_the_same_row(acme: Account, sso: Feature) -> None:
    for _ in range(3):
        noted(acme, sso)
        flush_access()
    assert [granted for _, _, granted, _ in counts()] == [3]
    assert flush_access() == 0


def test_of_a_refusal_everything_is_kept(acme: Account, sso: Feature) -> None:
    noted(acme, sso, allowed=False, question={"quantity": 5}, answer={"because": "it is not included"})
    flush_access()
    trace = DecisionTrace.objects.get()
    assert (trace.account, trace.feature, trace.point, trace.at) == (acme, sso, "GET /login", AT)
    assert (trace.allowed, trace.asked_by) == (False, "key:shop")
    assert (trace.question, trace.answer) == ({"quantity": 5}, {"because": "it is not included"})


def test_the_same_refusal_again_and_again_is_traced_a_few_times_a_minute(acme: Account, sso: Feature) -> None:
    for second in range(30):
        noted(acme, sso, allowed=False, at=AT + timedelta(seconds=second))
    noted(acme, sso, allowed=False, at=AT + timedelta(minutes=1))
    flush_access()
    assert [denied for _, _, _, denied in counts()] == [31]
    assert DecisionTrace.objects.count() == REFUSALS_A_MINUTE + 1


def test_another_account_and_another_point_are_traced_for_themselves(acme: Account, sso: Feature) -> None:
    for _ in range(REFUSALS_A_MINUTE + 1):
        noted(acme, sso, allowed=False)
    noted(AccountFactory(), sso, allowed=False)
    noted(acme, sso, allowed=False, point="nightly job")
    flush_access()
    assert DecisionTrace.objects.count() == REFUSALS_A_MINUTE + 2


@pytest.mark.parametrize(("share", "traced"), [(0.0, 0), (1.0, 5)])
def test_of_grants_a_sample_is_traced(acme: Account, sso: Feature, settings: Any, share: float, traced: int) -> None:
    settings.DESK_TRACE_GRANTS = share
    for _ in range(5):
        noted(acme, sso)
    flush_access()
    assert DecisionTrace.objects.filter(allowed=True).count() == traced


def test_what_a_trace_says_is_worked_out_only_where_it_is_kept(acme: Account, sso: Feature) -> None:
    asked = []
    words = lambda: asked.append(1) or {"because": "no"}  # noqa: E731
    noted(acme, sso, answer=words)
    noted(acme, sso, allowed=False, answer=words)
    assert not asked
    flush_access()
    assert DecisionTrace.objects.get().answer == {"because": "no"}
    assert len(asked) == 1


def test_words_that_cannot_be_had_cost_no_other_trace(acme: Account, sso: Feature) -> None:
    noted(acme, sso, allowed=False, answer=lambda: {}["missing"])
    noted(acme, sso, allowed=False, answer={"at": AT, "nul": "a\x00\\u0000b"})
    flush_access()
    assert DecisionTrace.objects.get().answer == {"at": str(AT), "nul": "a\\u0000b"}


def test_noting_never_fails(acme: Account, sso: Feature) -> None:
    noted(acme, sso, at=None)  # type: ignore[arg-type]
    noted(acme, sso, point="x" * 500 + "\x00")
    flush_access()
    assert [len(point) for point, *_ in counts()] == [200]


def test_too_many_points_are_counted_together(acme: Account, sso: Feature) -> None:
    notes = AccessNotes()
    for number in range(MOST_COUNTS + 5):
        notes.count(f"screen {number}", sso.pk, acme.pk, True, AT)
    assert len(notes.counts) == MOST_COUNTS + 1
    assert [both for (point, _, _), both in notes.counts.items() if point == OTHERS] == [[5, 0]]


def test_while_the_database_is_away_it_is_kept(acme: Account, sso: Feature, monkeypatch: Any) -> None:
    noted(acme, sso, allowed=False)
    with monkeypatch.context() as broken:
        broken.setattr(access, "_add", _away)
        with pytest.raises(OperationalError):
            flush_access()
    noted(acme, sso)
    flush_access()
    assert [(granted, denied) for _, _, granted, denied in counts()] == [(1, 1)]
    assert DecisionTrace.objects.count() == 1


def _away(counts: Any) -> None:
    raise OperationalError("gone")
