"""Whatever passes the checks can be reckoned: for any start, with every rule that could hold."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from support.domain.business_time import add_business_days
from support.domain.case_events import CaseEvent, Channel, EventKind, Opener
from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, Terms
from support.domain.milestones import CaseState, MilestoneKind, PolicyTerms, Promised
from support.domain.policy_checks import errors_of, faults_of
from support.domain.policy_difference import difference
from support.domain.policy_draft import PolicyDraft, usual_milestone
from support.domain.policy_words import say
from support.domain.step_text import read_steps
from support.domain.target_text import read_target
from support.snapshots.cases import lifted
from tests.support.domain.policies import KNOWN, SEVERITIES, rule

TYPED = (
    "1 min", "30 min", "1 h", "4 h", "3 days", "366 days", "30 business minutes", "4 business hours", "90 business hours",
    "1 business day", "366 business days", "end of day", "end of 3 business days",
)  # fmt: skip
STEPS = (
    "", "at 80 %: team", "at 1 %: team\nat 1000 %: owner", "30 minutes before: team", "1 business day before: assignee",
    "2 hours after: owner, raise to urgent", "8000 hours after: team", "when due: team",
)  # fmt: skip
KINDS = [kind for kind in MilestoneKind if kind is not MilestoneKind.OWN]
PROMISES = st.builds(
    Promised, st.sampled_from(TYPED).map(read_target), st.sampled_from([None, *KNOWN.calendars, "abroad"])
)
CELLS = st.tuples(st.sampled_from([kind.value for kind in KINDS]), st.sampled_from([*SEVERITIES]), st.just(""))
RULES = st.builds(lambda percent, milestone: rule(percent=percent, milestone=milestone),
                  st.sampled_from([1, 50, 200, 1000]), st.sampled_from(["", "first_response"]))  # fmt: skip


@st.composite
def drafts(draw: st.DrawFn) -> PolicyDraft:
    steps = {kind: read_steps(draw(st.sampled_from(STEPS)), severities=SEVERITIES) for kind in KINDS}
    milestones = tuple(type(one)(**{**_fields(one), "steps": steps[one.kind]}) for one in map(usual_milestone, KINDS))
    targets = draw(st.dictionaries(CELLS, PROMISES, max_size=4))
    return PolicyDraft(milestones, targets, tuple(draw(st.lists(RULES, max_size=2))))


def _fields(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}  # type: ignore[attr-defined]


def without_faults(draft: PolicyDraft) -> PolicyDraft:
    """What is left when the faulty cells, steps and rules are taken out."""
    wrong = {fault.where for fault in errors_of(draft, known=KNOWN)}
    while wrong:
        draft = PolicyDraft(
            tuple(type(m)(**{**_fields(m), "steps": () if any(m.key in w for w in wrong) else m.steps})
                  for m in draft.milestones),
            {cell: one for cell, one in draft.targets.items() if "/".join(("targets", *cell)) not in wrong},
            () if any(where.startswith("rules/") for where in wrong) else draft.rules,
        )  # fmt: skip
        wrong = {fault.where for fault in errors_of(draft, known=KNOWN)}
    return draft


STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(drafts(), STARTS, st.sampled_from([*SEVERITIES]))
def test_what_passes_the_checks_can_be_reckoned(draft: PolicyDraft, opened: datetime, severity: str) -> None:
    draft = without_faults(draft)
    lifts = [{"milestone": one.milestone, "percent": one.percent, "why": "It holds."} for one in draft.rules]
    policy = lifted(PolicyTerms("tier", "Tier", 1, draft.milestones, draft.targets), lifts)  # type: ignore[arg-type]
    hours = {key: one.hours for key, one in KNOWN.calendars.items() if one.hours is not None}
    facts = CaseFacts(
        opened_at=opened,
        opener=Opener.CUSTOMER,
        channel=Channel.EMAIL,
        events=(
            CaseEvent(opened, 1, EventKind.OPENED, severity),
            CaseEvent(opened + timedelta(hours=3), 2, EventKind.PUBLIC_REPLY),
            CaseEvent(opened + timedelta(hours=4), 3, EventKind.STATE, CaseState.WAITING),
            CaseEvent(opened + timedelta(hours=9), 4, EventKind.CUSTOMER_MESSAGE),
        ),
        terms=(Terms(1, opened, policy, hours),),
    )
    standing = standing_of(facts, now=opened + timedelta(hours=10))
    owed = {key for key, of, _ in draft.targets if of == severity}
    assert {clock.milestone.key for clock in standing.clocks} == owed


@given(drafts(), drafts())
def test_any_draft_can_be_judged_said_and_compared(one: PolicyDraft, other: PolicyDraft) -> None:
    for fault in faults_of(one, known=KNOWN):
        assert fault.message.endswith((".", "'."))
    assert all(say(one, known=KNOWN))
    assert difference(one, one, known=KNOWN) == ()
    there, back = (difference(*pair, known=KNOWN) for pair in ((one, other), (other, one)))
    assert {told.where for told in there if told.where.startswith("targets")} == {
        told.where for told in back if told.where.startswith("targets")
    }


def test_the_plain_week_is_one() -> None:
    """It begins on a Monday, and an office week has five days in it."""
    hours = KNOWN.calendars["office"].hours
    assert hours is not None
    monday = datetime(2024, 1, 8, tzinfo=UTC)
    assert monday.weekday() == 0
    assert add_business_days(hours, start=monday, days=5) - monday == timedelta(days=7, hours=9)
