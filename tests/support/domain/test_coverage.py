import pytest

from support.domain.coverage import (
    Coverage,
    CoverState,
    InvalidPromise,
    MissingCalendar,
    Promise,
    SeverityTarget,
    coverage,
    due_times,
)
from support.domain.targets import parse_target
from tests.support.domain.desks import desk, local, table, wall

ZONE = "Europe/Amsterdam"
HOURS = {"business_hours": desk("mon-fri 06:00-18:00", zone=ZONE, holidays="2026-04-27")}

# The support promise of the price page in the demo.
PROMISE = """
  severity | Standard                          | Priority                          | Priority Plus
  Urgent   | 1 hour, 24/7 x 365                | 1 hour, 24/7 x 365                | 1 hour, 24/7 x 365
  High     | 4 business hours, Monday - Friday | 2 business hours, Monday - Friday | 2 hours, 24/7 x 365
  Normal   | 1 business day, Monday - Friday   | 1 business day, Monday - Friday   | 12 business hours, Monday - Friday
  Low      | 2 business days, Monday - Friday  | 2 business days, Monday - Friday  | 1 business day, Monday - Friday
"""


def promised(severity: str, cell: str) -> SeverityTarget:
    target = parse_target(cell)
    calendar = None if target.around_the_clock else "business_hours"
    return SeverityTarget(severity.lower(), severity, f"what {severity} means", target, calendar)


def promise(tier: str, name: str, column: int | None = None) -> Promise:
    rows = [] if column is None else table(PROMISE)
    return Promise(tier, name, tuple(promised(row[0], row[column or 0]) for row in rows))


PROMISES = {
    each.tier: each
    for each in (
        promise("email", "E-mail"),
        promise("standard", "Standard", 1),
        promise("priority", "Priority", 2),
        promise("priority_plus", "Priority Plus", 3),
    )
}


def test_without_a_tier_an_account_is_not_covered_and_is_offered_what_there_is() -> None:
    answer = coverage(tier=None, promises=PROMISES)
    assert (answer.state, answer.headline) == (CoverState.NOT_COVERED, "Not covered")
    assert answer.why == "Nothing the account holds includes support."
    assert answer.offers == ("E-mail", "Standard", "Priority", "Priority Plus")


def test_a_tier_for_which_nothing_is_promised_is_not_covered() -> None:
    answer = coverage(tier="community", tier_name="Community", promises=PROMISES)
    assert (answer.state, answer.tier, answer.tier_name) == (CoverState.NOT_COVERED, "community", "Community")
    assert answer.why == "Community support promises no help from our staff."
    assert "Standard" in answer.offers


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        ("closed", "The account is closed, so no help is owed."),
        ("suspended", "The account is suspended, and support was not kept for it."),
    ],
)
def test_a_closed_or_suspended_account_is_told_so_and_offered_nothing(standing: str, why: str) -> None:
    answer = coverage(tier=None, promises=PROMISES, standing=standing)
    assert (answer.state, answer.why, answer.offers) == (CoverState.NOT_COVERED, why, ())


def test_a_suspended_account_for_which_support_was_kept_is_covered() -> None:
    assert coverage(tier="standard", promises=PROMISES, standing="suspended").state is CoverState.WITH_TARGETS


def test_a_promise_without_targets_is_cover_without_a_promised_time() -> None:
    answer = coverage(tier="email", promises=PROMISES)
    assert (answer.state, answer.headline) == (CoverState.NO_PROMISED_TIME, "Covered, no promised time")
    assert answer.why == "E-mail support is included, with no promised response time."
    assert answer.offers == ("Standard", "Priority", "Priority Plus")
    assert due_times(answer, calendars={}, at=local("2026-03-02 10:00")) == ()


def test_a_promise_with_targets_is_cover_with_targets() -> None:
    answer = coverage(tier="standard", promises=PROMISES)
    assert (answer.state, answer.headline) == (CoverState.WITH_TARGETS, "Covered, with promised response times")
    assert answer.why == "Standard support promises a first response for Urgent, High, Normal and Low."
    assert [each.severity for each in answer.targets] == ["urgent", "high", "normal", "low"]


def test_due_times_if_a_case_came_in_late_on_the_friday_before_a_holiday() -> None:
    rows = table("""
      tier          | severity | due              | words
      standard      | urgent   | 2026-04-24 17:30 | within 1 hour, around the clock
      standard      | high     | 2026-04-28 08:30 | within 4 business hours
      standard      | normal   | 2026-04-28 16:30 | within 1 business day
      standard      | low      | 2026-04-29 16:30 | within 2 business days
      priority      | high     | 2026-04-28 06:30 | within 2 business hours
      priority_plus | high     | 2026-04-24 18:30 | within 2 hours, around the clock
      priority_plus | normal   | 2026-04-28 16:30 | within 12 business hours
      priority_plus | low      | 2026-04-28 16:30 | within 1 business day
    """)
    friday = local("2026-04-24 16:30", ZONE)
    for tier, severity, expected, said in rows:
        times = due_times(coverage(tier=tier, promises=PROMISES), calendars=HOURS, at=friday)
        found = {name: (wall(due_at, ZONE), words) for name, due_at, words in times}
        assert found[severity] == (expected, said)


def test_hours_that_were_not_given_are_named() -> None:
    answer = coverage(tier="standard", promises=PROMISES)
    with pytest.raises(MissingCalendar, match="High counts by the hours 'business_hours'"):
        due_times(answer, calendars={}, at=local("2026-03-02 10:00"))


def test_a_business_target_without_hours_is_refused() -> None:
    target = parse_target("4 business hours, Monday - Friday")
    with pytest.raises(InvalidPromise, match="High: a target within 4 business hours needs business hours"):
        SeverityTarget("high", "High", "", target)


def test_a_severity_promised_twice_is_refused() -> None:
    urgent = promised("Urgent", "1 hour, 24/7")
    with pytest.raises(InvalidPromise, match="Gold promises 'urgent' twice"):
        Promise("gold", "Gold", (urgent, urgent))


def test_an_answer_that_contradicts_itself_is_refused() -> None:
    targets = PROMISES["standard"].targets
    with pytest.raises(InvalidPromise):
        Coverage(CoverState.NOT_COVERED, None, "", targets, "")
    with pytest.raises(InvalidPromise):
        Coverage(CoverState.WITH_TARGETS, "standard", "Standard", (), "")
    with pytest.raises(InvalidPromise):
        Coverage(CoverState.NO_PROMISED_TIME, None, "", (), "")
