import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.domain.milestones import Offset, OffsetUnit, Step
from support.domain.step_text import UnreadableStep, read_step, read_steps, write_step, write_steps
from tests.support.domain.desks import table

SEVERITIES = {"urgent": "Urgent", "high": "High", "p3": "Low, but seen"}

TYPED = """
  typed                                        | amount | unit          | tells                | raise  | written
  30 minutes before: team                      | -30    | minutes       | team                 |        | 30 minutes before: team
  30 min before: the team                      | -30    | minutes       | team                 |        | 30 minutes before: team
  1 h before: assignee                         | -60    | minutes       | assignee             |        | 1 hour before: assignee
  at 80 %: assignee                            | 80     | percent       | assignee             |        | at 80 %: assignee
  80%: team and owner                          | 80     | percent       | team owner           |        | at 80 %: team, owner
  150 %: owner                                 | 150    | percent       | owner                |        | at 150 %: owner
  1 business day before: team, Lead@x.example  | -1     | business_days | team lead@x.example  |        | 1 business day before: team, lead@x.example
  when due: team                               | 0      | minutes       | team                 |        | when due: team
  2 hours after: owner, raise to urgent        | 120    | minutes       | owner                | urgent | 2 hours after: owner, raise to Urgent
  90 min after: raise the case to High         | 90     | minutes       |                      | high   | 90 minutes after: raise to High
  2 hours after: team, raise to p3             | 120    | minutes       | team                 | p3     | 2 hours after: team, raise to p3
  2 hours after: team, team                    | 120    | minutes       | team                 |        | 2 hours after: team
"""


@pytest.mark.parametrize(("typed", "amount", "unit", "tells", "raise_to", "written"), table(TYPED))
def test_a_line_is_read_as_people_type_it(
    typed: str, amount: str, unit: str, tells: str, raise_to: str, written: str
) -> None:
    step = read_step(typed, severities=SEVERITIES)
    assert step == Step(Offset(int(amount), OffsetUnit(unit)), tells=tuple(tells.split()), raise_to=raise_to)
    assert write_step(step, severities=SEVERITIES) == written


REFUSED = """
  typed                          | why
  30 minutes before              | doesn't say who is told
  soon: team                     | doesn't say when
  30 minutes: team               | doesn't say when
  30 minutes before: everybody   | is nobody who can be told
  30 minutes before:             | tells nobody
  1 day before: team             | '24 hours before' or '1 business day before'
  2 business hours before: team  | write '2 hours before'
  0 %: team                      | between 1 and 1,000
  999999 minutes after: team     | within a year
"""


@pytest.mark.parametrize(("typed", "why"), table(REFUSED))
def test_what_is_unclear_is_refused(typed: str, why: str) -> None:
    with pytest.raises(UnreadableStep) as refused:
        read_step(typed, severities=SEVERITIES)
    assert why in str(refused.value)


def test_a_severity_nobody_knows_is_kept_for_the_checks_to_tell() -> None:
    assert read_step("when due: raise to dire", severities=SEVERITIES).raise_to == "dire"


def test_several_stand_one_a_line() -> None:
    steps = read_steps("at 80 %: team\n\n 2 hours after: owner; when due: team", severities=SEVERITIES)
    assert write_steps(steps, severities=SEVERITIES) == "at 80 %: team\n2 hours after: owner\nwhen due: team"


TOLD = st.lists(st.sampled_from(["team", "assignee", "owner", "lead@desk.example"]), unique=True, max_size=3)
OFFSETS = st.one_of(
    st.integers(-9999, 9999).map(lambda n: Offset(n, OffsetUnit.MINUTES)),
    st.integers(-366, 366).map(lambda n: Offset(n, OffsetUnit.BUSINESS_DAYS)),
    st.integers(1, 1000).map(lambda n: Offset(n, OffsetUnit.PERCENT)),
)


@given(OFFSETS, TOLD, st.sampled_from(["urgent", "high", "p3"]), st.booleans())
def test_what_is_written_is_read_as_the_same_step(offset: Offset, tells: list[str], to: str, raises: bool) -> None:
    step = Step(offset, tells=tuple(tells), raise_to=to if raises or not tells else "")
    assert read_step(write_step(step, severities=SEVERITIES), severities=SEVERITIES) == step
