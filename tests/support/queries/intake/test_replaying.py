"""A decision made again from what was kept is the decision that was made; and what another surety would have made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.actions.intake.forgetting import forget_tickets
from support.actions.intake.recording import check_ticket, plain_part
from support.domain.intake.outcomes import Outcome, Wanted
from support.domain.intake.tickets import Attachment
from support.models import IntakeDecision, IntakeSettings
from support.queries.intake.deciding import ticket_of
from support.queries.intake.replaying import ByAction, Preview, previewed, replayed
from support.queries.intake.settings import intake_settings
from tests.conftest import AT, actor
from tests.support.casework import NOW
from tests.support.intake_world import decision, settled
from tests.support.ticket_world import checking, meant, read, ticket_world, told

pytestmark = pytest.mark.django_db
SURE = st.dictionaries(st.sampled_from(["exports", "sso", "nothing_known"]), st.integers(0, 33), max_size=3)
GIVEN = st.sampled_from(["", "exports", "sso", "nothing_known"])
READINGS = st.lists(st.tuples(SURE, GIVEN, st.sampled_from(["", "It failed."])), max_size=4)
WHOSE = st.sampled_from(["acme", "poor", "nobody"])


def plain(row: IntakeDecision, made: object) -> tuple[object, ...]:
    told = row.engine["decision"]
    return (made.outcome, made.reason, made.words, made.team, made.person) == (  # type: ignore[attr-defined]
        row.outcome, row.reason, row.words, told["team"], told["person"],
    ) and [plain_part(part) for part in made.parts] == row.parts  # type: ignore[attr-defined]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(READINGS, WHOSE, st.booleans(), st.booleans(), st.booleans(), st.integers(0, 1))
def test_made_again_it_is_the_same(
    world: Mapping[str, object], readings: list[tuple[dict[str, int], str, str]], whose: str, unreadable: bool,
    too_long: bool, awaited: bool, labels_wanted: int,
) -> None:  # fmt: skip
    IntakeSettings.objects.update(labels_wanted=labels_wanted)
    understood = [
        meant(given=given, failed=failed, **{key: share / 100 for key, share in sure.items()})
        for sure, given, failed in readings
    ]
    files = [Attachment("a.png", unreadable="a picture")] if unreadable else []
    asked = replace(told(world.get(whose)), ticket=ticket_of("Export stops", "It stops.", files))  # type: ignore[arg-type]
    came = replace(read(*understood, too_long=too_long), awaited=bool(awaited), kind="outside" if awaited else "tfidf")
    row = check_ticket(asked, came, by=actor("support"), at=NOW)
    row.refresh_from_db()
    assert plain(row, replayed(row))


@pytest.fixture
def world(db: None) -> Mapping[str, object]:
    from entitlements.models import Account

    acme = ticket_world()
    return {"acme": acme, "poor": Account.objects.get(key="poor")}


def test_forgotten_words_change_nothing(world: Mapping[str, object]) -> None:
    row = check_ticket(told(world["acme"]), read(meant(exports=0.95)), by=actor("support"), at=NOW)  # type: ignore[arg-type]
    forget_tickets(at=NOW + timedelta(days=200), enough=lambda: False)
    row.refresh_from_db()
    assert row.forgotten_at is not None
    assert plain(row, replayed(row))


def test_wanting_less_or_more_changes_what_follows() -> None:
    row = decision(Outcome.HOLD, at=AT)  # 87 percent sure that it is accepted, and not acting
    made = [
        replayed(row, Wanted(accept=sure, acting=acting)).outcome for sure, acting in ((0.8, 0), (0.8, 1), (0.9, 1))
    ]
    assert made == [Outcome.HOLD, Outcome.ACCEPT, Outcome.HOLD]


def test_a_preview_counts_what_would_be_decided_and_what_of_it_wrongly(django_assert_num_queries: object) -> None:
    checking(accept_percent=90)
    for _ in range(3):
        decision(Outcome.HOLD, at=AT)
    settled(Outcome.HOLD, Outcome.ACCEPT, at=AT)
    settled(Outcome.HOLD, Outcome.REDIRECT, at=AT)
    now, then = intake_settings(), intake_settings()
    then.accept_percent = 80
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = previewed(now, then, version=None, labels=2)
    accepts = ByAction(Outcome.ACCEPT, acted=0, acted_then=5, wrong=0, wrong_then=1)
    assert found == Preview(
        of=5, by_itself=0, by_itself_then=5, labelled=2, wrong=0, wrong_then=1, actions=(accepts,)
    )  # fmt: skip
    assert (found.alike, previewed(now, now, version=None, labels=2).alike) == (False, True)
