from typing import Any

import pytest

from support.domain.milestones import Offset, OffsetUnit, Signal, Step
from tests.support.domain.desks import table
from tests.support.domain.policies import AT, cautions, errors, milestone, policy, rule

WARNINGS = """
  target           | by     | step                           | refused
  1 h              |        | 30 minutes before: team        | no
  1 h              |        | 60 minutes before: team        | yes
  1 h              |        | 2 hours before: team           | yes
  1 h              |        | at 80 %: team                  | no
  1 h              |        | at 1 %: team                   | no
  1 h              |        | 2 hours after: team            | no
  1 h              |        | when due: team                 | no
  4 business hours | office | 3 hours before: team           | no
  4 business hours | office | 4 hours before: team           | yes
  4 business hours | office | 1 business day before: team    | yes
  2 business days  | office | 1 business day before: team    | no
  2 business days  | office | 2 business days before: team   | yes
  2 business days  | office | 8 hours before: team           | no
  2 business days  | office | 17 hours before: team          | yes
  end of day       | office | 1 hour before: team            | no
  end of day       | office | 8 hours before: team           | yes
  1 h              |        | 1 business day before: team    | yes
"""


@pytest.mark.parametrize(("typed", "by", "step", "refused"), table(WARNINGS))
def test_a_warning_comes_after_the_start(typed: str, by: str, step: str, refused: str) -> None:
    found = errors(policy(f"head\n first | urgent | | {typed} | {by}", milestone("first", step)))
    assert [fault.where for fault in found] == ["milestones/first_response/steps"] * (refused == "yes")


def test_a_warning_is_judged_for_every_severity() -> None:
    cells = "head\n first | urgent | | 30 min |\n first | low | | 8 h |"
    (fault,) = errors(policy(cells, milestone("first", "1 hour before: team")))
    assert fault.message.startswith("Urgent, First response: a warning 1 hour before")
    assert "in percent" in fault.message


RAISED = """
  severities       | step                            | why
  urgent high low  | 2 hours after: raise to urgent  |
  urgent high low  | 2 hours after: raise to high    |
  urgent           | 2 hours after: raise to urgent  | no case it is promised to is less than Urgent
  urgent high      | 2 hours after: raise to high    | no case it is promised to is less than High
  low              | 2 hours after: raise to normal  |
  low              | 2 hours after: raise to dire    | which is no severity; choose Urgent, High, Normal or Low
"""


@pytest.mark.parametrize(("severities", "step", "why"), table(RAISED))
def test_an_escalation_raises_to_something_worse(severities: str, step: str, why: str) -> None:
    cells = "\n".join(f" first | {one} | | 8 h |" for one in severities.split())
    found = errors(policy(f"head\n{cells}", milestone("first", step)))
    assert why in found[0].message if why else found == []


STEPS = [
    ((Step(Offset(80, OffsetUnit.PERCENT)),), "tells nobody"),
    ((Step(Offset(80, OffsetUnit.PERCENT), tells=("boss",)),), "whom nobody knows"),
    ((Step(Offset(500, OffsetUnit.BUSINESS_DAYS), tells=("team",)),), "more than a year away"),
    ((Step(Offset(80, OffsetUnit.PERCENT), tells=("team",)),) * 2, "is there twice"),
]


@pytest.mark.parametrize(("steps", "why"), STEPS)
def test_a_step_tells_somebody_once_and_in_time(steps: tuple[Step, ...], why: str) -> None:
    own = milestone("own", key="call", name="Call back")
    draft = policy("head\n call | urgent | | 8 h |", type(own)(**{**_fields(own), "steps": steps}))
    assert why in errors(draft)[0].message


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def test_steps_far_beyond_the_hours_are_refused() -> None:
    late = milestone("first", "90 hours after: team")
    assert "ten years away" in errors(policy("head\n first | urgent | | 5 business minutes | tuesday", late))[0].message
    assert errors(policy("head\n first | urgent | | 5 business minutes | office", late)) == []


RULES = [
    ({"percent": 0}, "not between 1 and 1,000 %"),
    ({"percent": 1001}, "not between 1 and 1,000 %"),
    ({"percent": 100}, "changes nothing"),
    ({"ends_at": AT}, "give it a later end"),
    ({"reason": "  "}, "say why"),
    ({"milestone": "visit"}, "there is no milestone 'visit'"),
    ({"value": "soon"}, "how many days before a renewal"),
    ({"value": "0"}, "how many days before a renewal"),
    ({"value": "٦٠"}, "how many days before a renewal"),
    ({"value": "367"}, "how many days before a renewal"),
    ({"signal": Signal.HEALTH, "value": "grim"}, "good, at risk or critical"),
    ({"signal": Signal.MARKET, "value": "mars"}, "there is no market 'mars'"),
    ({}, ""),
    ({"signal": Signal.HEALTH, "value": "at_risk"}, ""),
    ({"signal": Signal.MARKET, "value": "europe"}, ""),
    ({"milestone": "first_response"}, ""),
]


@pytest.mark.parametrize(("said", "why"), RULES)
def test_a_rule_names_what_is_known_and_ends(said: dict[str, Any], why: str) -> None:
    found = errors(policy("head\n first | urgent | | 8 h |", rules=[rule(), rule(**said)]))
    assert [fault.where for fault in found] == ["rules/1"] * bool(why)
    assert why in (found[0].message if found else "")


def test_a_rule_that_shortens_the_resolution_alone_is_a_caution() -> None:
    cells = "head\n first | urgent | | 4 h |\n resolution | urgent | | 8 h |"
    assert cautions(policy(cells, rules=[rule(milestone="resolution", percent=50)])) == []
    (fault,) = cautions(policy(cells, rules=[rule(milestone="resolution", percent=40)]))
    assert fault.where == "rules/0"
