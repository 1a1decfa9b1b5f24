import pytest

from support.domain.milestones import InvalidPolicy, Promised
from support.domain.policy_checks import check, faults_of
from support.domain.policy_draft import PolicyDraft
from support.domain.target_text import read_target
from tests.support.domain.desks import table
from tests.support.domain.policies import KNOWN, cautions, errors, milestone, policy, rule

SOUND = """
  milestone  | severity | channel | target           | calendar
  first      | urgent   |         | 1 h              |
  first      | urgent   | phone   | 15 min           |
  first      | high     |         | 4 business hours | office
  next       | urgent   |         | 2 h              |
  update     | urgent   |         | 2 h              |
  resolution | urgent   |         | 8 h              |
  resolution | high     |         | 2 business days  | office
"""


def test_a_sound_policy_has_nothing_wrong_with_it() -> None:
    own = milestone("own", key="call", name="Call back")
    draft = policy(SOUND, milestone("first", "at 80 %: team\n2 hours after: owner, raise to urgent"), rules=[rule()])
    assert faults_of(draft, known=KNOWN) == ()
    assert [fault.message for fault in cautions(policy(SOUND, own))] == [
        "Call back has no target, so it is never owed; give it one."
    ]


def test_a_policy_without_targets_is_cover_without_a_promised_time() -> None:
    assert faults_of(PolicyDraft(), known=KNOWN) == ()


CELLS = """
  milestone  | severity | channel | target             | calendar | why
  first      | urgent   |         | 4 business hours   |          | choose a calendar, or write a time around the clock
  first      | urgent   |         | end of day         |          | needs business hours to count by
  first      | urgent   |         | 4 business hours   | abroad   | there is no calendar 'abroad'
  first      | urgent   |         | 4 business hours   | drafted  | Drafted hours has no hours in force
  first      | urgent   |         | 4 business hours   | fairs    | Fairs is never open in an ordinary week
  first      | dire     |         | 1 h                |          | there is no severity 'dire'
  first      | urgent   | telex   | 1 h                |          | 'telex' is no channel; cases come in by E-mail
  visit      | urgent   |         | 1 h                |          | there is no such milestone
  first      | urgent   |         | 90 business hours  | tuesday  | it would take more than ten years
"""


@pytest.mark.parametrize(("kind", "severity", "channel", "typed", "calendar", "why"), table(CELLS))
def test_a_cell_that_nobody_can_keep_is_refused(
    kind: str, severity: str, channel: str, typed: str, calendar: str, why: str
) -> None:
    draft = policy(f"head\n {kind} | {severity} | {channel} | {typed} | {calendar}")
    (fault,) = errors(draft)
    assert why in fault.message
    assert fault.where == "/".join(("targets", *next(iter(draft.targets))))


def test_all_faults_are_told_at_once_and_errors_first() -> None:
    draft = policy(
        """
        milestone  | severity | channel | target           | calendar
        first      | urgent   |         | 4 business hours |
        first      | dire     |         | 1 h              |
        first      | high     |         | 1 h              |
        first      | normal   |         | 30 min           |
        """,
        milestone("first", "2 hours before: team"),
        rules=[rule(percent=0)],
    )
    found = faults_of(draft, known=KNOWN)
    assert [fault.caution for fault in found] == sorted(fault.caution for fault in found)
    assert {fault.where for fault in found} == {
        "targets/first_response/urgent/",
        "targets/first_response/dire/",
        "milestones/first_response/steps",
        "rules/0",
        "targets/first_response/normal/",
    }


def test_the_first_error_is_raised_with_where_it_stands() -> None:
    with pytest.raises(InvalidPolicy, match="no severity 'dire'") as refused:
        check(policy("head\n first | dire | | 1 h |"), known=KNOWN)
    assert refused.value.where == "targets/first_response/dire/"


TIMES = """
  first response    | by     | resolution        | by     | kept | example
  1 h               |        | 8 h               |        | yes  |
  1 h               |        | 1 h               |        | yes  |
  2 h               |        | 1 h               |        | no   |
  4 business hours  | office | 2 business hours  | office | no   |
  1 business day    | office | end of day        | office | no   | Monday at 00:00
  4 business hours  | office | 1 business day    | office | yes  |
  1 h               |        | 1 business hour   | office | yes  |
  4 business hours  | office | 1 day             |        | no   | Friday at 14:00
  4 business hours  | office | 5 days            |        | yes  |
  2 business hours  | night  | 2 business hours  | office | no   | Monday at 04:00
  1 business day    | office | 8 business hours  | office | no   | Monday at 00:00
"""


@pytest.mark.parametrize(("first", "first_by", "end", "end_by", "kept", "example"), table(TIMES))
def test_a_resolution_is_not_due_before_the_first_response(
    first: str, first_by: str, end: str, end_by: str, kept: str, example: str
) -> None:
    draft = policy(f"head\n first | urgent | | {first} | {first_by}\n resolution | urgent | | {end} | {end_by}")
    found = [fault for fault in errors(draft) if "before the first response" in fault.message]
    assert not found if kept == "yes" else [fault.where for fault in found] == ["targets/resolution/urgent/"]
    if example:
        assert f"opened on {example}" in found[0].message


def test_a_channel_is_judged_by_what_holds_for_it() -> None:
    draft = policy("""
        milestone  | severity | channel | target | calendar
        first      | urgent   |         | 4 h    |
        first      | urgent   | phone   | 1 h    |
        resolution | urgent   |         | 8 h    |
        resolution | urgent   | phone   | 2 h    |
        resolution | urgent   | chat    | 2 h    |
    """)
    (fault,) = errors(draft)
    assert fault.where == "targets/resolution/urgent/chat"
    assert "Urgent, Resolution by chat" in fault.message


def test_an_answer_slower_than_the_resolution_is_a_caution() -> None:
    draft = policy("""
        milestone  | severity | channel | target | calendar
        next       | urgent   |         | 9 h    |
        update     | urgent   |         | 10 h   |
        resolution | urgent   |         | 8 h    |
    """)
    assert errors(draft) == []
    assert [fault.where for fault in cautions(draft)] == ["targets/next_response/urgent/", "targets/update/urgent/"]


SERVED = """
  worse             | by     | lesser           | by     | told
  1 h               |        | 2 h              |        | no
  2 h               |        | 1 h              |        | yes
  1 h               |        | 1 h              |        | no
  1 h               |        | 1 business hour  | office | no
  4 business hours  | office | 5 h              |        | yes
"""


@pytest.mark.parametrize(("worse", "worse_by", "lesser", "lesser_by", "told"), table(SERVED))
def test_a_severity_better_served_than_a_worse_one_is_a_caution(
    worse: str, worse_by: str, lesser: str, lesser_by: str, told: str
) -> None:
    draft = policy(f"head\n first | urgent | | {worse} | {worse_by}\n first | low | | {lesser} | {lesser_by}")
    assert [fault.where for fault in cautions(draft)] == ["targets/first_response/low/"] * (told == "yes")
    assert errors(draft) == []


def test_a_target_that_rules_lengthen_beyond_a_year_is_refused() -> None:
    twice = [rule(percent=1000, milestone="first_response"), rule(percent=200)]
    draft = policy("head\n first | urgent | | 20 days |", rules=twice)
    assert "moved by every rule that lengthens it, is more than a year" in errors(draft)[0].message
    assert errors(policy("head\n first | urgent | | 18 days |", rules=twice)) == []


def test_a_calendar_named_for_time_around_the_clock_does_no_harm() -> None:
    draft = PolicyDraft(
        milestones=(milestone("first"),),
        targets={("first_response", "urgent", ""): Promised(read_target("1 h"), "drafted")},
    )
    assert errors(draft) == []
    assert draft == policy("head\n first | urgent | | 1 h |")
