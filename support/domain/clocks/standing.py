"""Where a case stands: its state and every clock, as a function of what happened and what was promised.

Owns: the order of events, when each milestone is owed, due times, lateness and alerts. Doesn't own: who may note an
event, what is stored, who is told. Time: `now` is given; whatever happened later than it counts as now.
"""

from dataclasses import replace
from datetime import datetime

from support.domain.clocks.alerts import alerts_of
from support.domain.clocks.reckoning import Ledger, clock_of
from support.domain.clocks.runs import Need, needs_of
from support.domain.clocks.story import Story, story_of
from support.domain.clocks.terms import Definitions, definitions_of, spells_of
from support.domain.clocks.values import CaseFacts, CaseStanding, RunClock


def standing_of(facts: CaseFacts, *, now: datetime) -> CaseStanding:
    """Reckon everything anew. Raises `InvalidStory`, `InvalidTerms`, `MissingCalendar`, or CalendarError for hours
    that can't be counted by."""
    story = story_of(facts.events, opener=facts.opener, now=now)
    spells = spells_of(story.severities, facts.terms, now=story.now)
    ledger = Ledger(story.stretches, spells, facts.channel, story.now)
    clocks: list[RunClock] = []
    for definitions in definitions_of(spells).values():
        clocks += _clocks(facts, story, ledger, definitions)
    return CaseStanding(
        state=story.state,
        severity=spells[-1].severity,
        team=story.team,
        assignee=story.assignee,
        ended_at=story.ended_at,
        clocks=tuple(clocks),
    )


def _clocks(facts: CaseFacts, story: Story, ledger: Ledger, definitions: Definitions) -> list[RunClock]:
    def due_of(need: Need) -> datetime | None:
        clock = clock_of(need, ledger, definitions)
        return None if clock is None or clock.met_at is None else clock.due_at

    needs = needs_of(story.moments, opener=facts.opener, defined=definitions.at, due_of=due_of)
    clocks = [clock_of(need, ledger, definitions) for need in needs]
    return [replace(clock, alerts=alerts_of(clock)) for clock in clocks if clock is not None]
