"""Decisions made again from what was kept of them: as they were, or as they would be were another surety wanted.

Nothing here writes, and nothing is read beyond the rows that are given.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from support.domain.case_events import Channel
from support.domain.intake.deciding import decide
from support.domain.intake.outcomes import Decision, HelpStanding, Offered, Outcome, Question, Reason, Wanted
from support.domain.intake.settings import ReadBy, Stage
from support.domain.intake.tickets import Request
from support.domain.intake.understood import Candidate, Reading, Understood
from support.models import ClassifierVersion, IntakeDecision, IntakeSettings
from support.queries.intake.material import standing_from
from support.queries.intake.settings import wanted_by

LATEST = 500  # decisions that a preview makes again
COLUMNS = (
    "pk",
    "readings",
    "engine",
    "wanted",
    "reason",
    "words",
    "outcome",
    "settled_outcome",
    "read_by",
    "resumed_at",
)


def replayed(row: IntakeDecision, wanted: Wanted | None = None) -> Decision:
    """The decision of this row, made again. `wanted`: were one to have to be this sure, rather than as sure as then.

    Once its words were let go, what is said of unreadable attachments no longer names them; all else is the same.
    """
    decision = decide(question_of(row, wanted))
    told = row.engine.get("decision") or {}
    if decision.outcome is not Outcome.BLOCK and told:
        decision = replace(decision, team=told["team"], person=told["person"])
    if row.read_by == ReadBy.OUTSIDE and row.resumed_at is None and decision.outcome is Outcome.HOLD:
        decision = replace(
            decision, reason=Reason(row.reason), words=row.words
        )  # nobody answered, or nobody could be asked
    return decision


def question_of(row: IntakeDecision, wanted: Wanted | None = None) -> Question:
    """What it was decided from, as it was kept."""
    engine = row.engine
    return Question(
        understood=tuple(understood_from(one) for one in row.readings),
        account=engine["account"],
        features={key: standing_from(one) for key, one in engine["features"].items()},
        help=_help(engine["help"]),
        wanted=wanted or Wanted(**row.wanted),
        unreadable=tuple(engine["unreadable"]),
        too_long=engine["too_long"],
    )


def understood_from(told: Mapping[str, Any]) -> Understood:
    candidates = tuple(Candidate(*one) for one in told["candidates"])
    return Understood(
        request=Request(told["text"], told["where"]),
        reading=Reading(candidates, told["failed"]),
        given=told["given"],
        channel_asked=Channel(told["channel_asked"]) if told["channel_asked"] else None,
        severity_asked=told["severity_asked"],
    )


def _help(told: Mapping[str, Any]) -> HelpStanding:
    offers = tuple(Offered(**one) for one in told["offers"])
    return HelpStanding(**{**told, "offers": offers, "other_channels": tuple(told["other_channels"])})


@dataclass(frozen=True, slots=True)
class Preview:
    """Of the latest tickets, and of the latest that people decided: what would have come of them, now and then."""

    of: int
    by_itself: int
    by_itself_then: int
    labelled: int
    wrong: int
    wrong_then: int
    actions: tuple["ByAction", ...] = ()

    @property
    def alike(self) -> bool:
        """Nothing would come out otherwise."""
        return all((one.acted, one.wrong) == (one.acted_then, one.wrong_then) for one in self.actions)


@dataclass(frozen=True, slots=True)
class ByAction:
    """One outcome of a preview: how many would be decided so by themselves, and how many labelled ones so wrongly."""

    outcome: Outcome
    acted: int
    acted_then: int
    wrong: int
    wrong_then: int


def previewed(
    now: IntakeSettings, then: IntakeSettings, *, version: ClassifierVersion | None, labels: int
) -> Preview:  # fmt: skip
    """`now` is how it is set, `then` how it would be; two reads. Wrong is what it would have decided otherwise than a
    person did."""
    tickets = IntakeDecision.objects.exclude(stage=Stage.ASKED).only(*COLUMNS).order_by("-at", "-pk")
    latest = list(tickets[:LATEST])
    labelled = list(tickets.filter(labels__isnull=False).exclude(settled_outcome="")[:LATEST])

    def by(settings: IntakeSettings, rows: Iterable[IntakeDecision]) -> list[tuple[IntakeDecision, Outcome]]:
        made: dict[str, Wanted] = {}
        found = []
        for row in rows:
            if row.read_by not in made:
                made[row.read_by] = wanted_by(settings, version, labels=labels, kind=row.read_by)
            found.append((row, replayed(row, made[row.read_by]).outcome))
        return found

    def acted(settings: IntakeSettings) -> Counter[Outcome]:
        return Counter(outcome for _, outcome in by(settings, latest) if outcome is not Outcome.HOLD)

    def wrong(settings: IntakeSettings) -> Counter[Outcome]:
        found = by(settings, labelled)
        return Counter(outcome for row, outcome in found if outcome not in (Outcome.HOLD, row.settled_outcome))

    acts, wrongs = (acted(now), acted(then)), (wrong(now), wrong(then))
    return Preview(
        len(latest), acts[0].total(), acts[1].total(), len(labelled), wrongs[0].total(), wrongs[1].total(),
        tuple(
            ByAction(one, acts[0][one], acts[1][one], wrongs[0][one], wrongs[1][one])
            for one in Outcome
            if any(counted[one] for counted in (*acts, *wrongs))
        ),
    )  # fmt: skip
