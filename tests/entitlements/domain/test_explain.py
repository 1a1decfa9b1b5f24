from datetime import UTC, datetime

import pytest

from entitlements.domain.explain import say, say_end
from tests.spec.tables import resolve, table


def lines(text, feature, *, at="2026-01-15", zone="UTC", **kw):
    return say(resolve(table(text, **kw), at=at)[feature], zone=zone)


def test_an_answer_is_told_source_by_source():
    text = """
      source       | feature | mode | value        | until      | depth
      plan Team    | storage |      | 100000000000 |            |
      plan Team    | storage |      | 8000000000   |            | 1
      plan Free    | storage |      | 500000000    |            |
      add-on Extra | storage | adds | 5000000000   | 2026-06-01 |
      override 88  | storage | add  | 20000000000  | 2026-03-03 |
    """
    assert lines(text, "storage") == (
        "Team v1 gives 100 GB",
        "Free v1 gives 500 MB: not counted, because Team v1 gives more",
        "Team v1 (by a plan it includes) gives 8 GB: not counted, because the plan's own term speaks",
        "+ 5 GB by Extra v1 through 31 May 2026",
        "+ 20 GB by override #88 through 2 March 2026",
    )


@pytest.mark.parametrize(
    ("mode", "value", "said"),
    [
        ("replace", "25", "25 instead by override #1"),
        ("add", "5", "+ 5 by override #1"),
        ("at_least", "25", "At least 25 by override #1"),
        ("at_most", "5", "At most 5 by override #1"),
        ("deny", "", "Denied by override #1"),
        ("at_most", "50", "At most 50 by override #1: not counted, because it is no more than that already"),
        ("at_least", "5", "At least 5 by override #1: not counted, because it is that much already"),
    ],
)
def test_an_override_is_told_by_what_it_does(mode, value, said):
    text = f"source | feature | mode | value\nplan Pro | seats | | 10\noverride 1 | seats | {mode} | {value}"
    assert lines(text, "seats")[-1] == said


def test_what_a_replacement_silences_says_so():
    text = "source | feature | mode | value\nplan Pro | seats | | 10\noverride 1 | seats | replace | 7"
    assert lines(text, "seats")[0] == "Pro v1 gives 10: not counted, because replaced by override #1"


def test_gates_choices_and_absence_read_as_sentences():
    text = """
      source    | feature | value     | group | depth
      plan Team | sso     | on        | 1     |
      plan Team | tier    | gold      |       |
      plan Team | roles   | owner+dev |       |
      plan Team | seats   | custom    |       |
      plan Team | calls   | unlimited |       |
    """
    assert lines(text, "sso") == ("Team v1 (through Premium) includes it",)
    assert lines(text, "tier") == ("Team v1 gives Gold",)
    assert lines(text, "roles") == ("Team v1 gives Owner, Developer",)
    assert lines(text, "seats") == ("Team v1: set per customer",)
    assert lines(text, "calls") == ("Team v1 gives Unlimited",)
    assert lines(text, "motto") == ("Nothing this account has speaks about Motto.",)


def test_standing_pause_and_sleep_are_told():
    text = """
      source     | feature | mode | value  | from | until | subscription
      plan Team  | seats   |      | 10     |      |       | one
      phase Team |         |      | paused |      |       |
      override 1 | seats   | add  | 5      |      |       | one
    """
    assert lines(text, "seats") == (
        "Team v1 gives 10: not counted, because the subscription is paused",
        "+ 5 by override #1: not counted, because it sleeps while its subscription gives nothing",
    )
    closed = text + "  standing | | | closed | 2026-01-01 |"
    assert lines(closed, "seats") == ("The account is closed, so it has nothing",)


@pytest.mark.parametrize(
    ("end", "zone", "said"),
    [
        ("2026-03-03T00:00", "UTC", "through 2 March 2026"),
        ("2026-03-02T23:00", "Europe/Amsterdam", "through 2 March 2026"),
        ("2026-03-03T00:00", "Europe/Amsterdam", "until 3 Mar 2026 01:00"),
        ("2026-03-03T14:05", "UTC", "until 3 Mar 2026 14:05"),
        ("2026-01-01T00:00", "UTC", "through 31 December 2025"),
        ("2026-03-08T08:00", "America/Los_Angeles", "through 7 March 2026"),
    ],
)
def test_what_ends_with_a_day_is_had_through_it(end, zone, said):
    assert say_end(datetime.fromisoformat(end).replace(tzinfo=UTC), zone=zone) == said


@pytest.mark.parametrize(
    ("feature", "value"), [("tier", "platinum"), ("roles", "king"), ("seats", "2.5"), ("sso", "unlimited")]
)
def test_a_value_the_feature_can_not_have_is_told_without_being_said(feature, value):
    text = (
        f"source | feature | mode | value\nplan Pro | {feature} | | {value}\noverride 1 | {feature} | replace | {value}"
    )
    told = lines(text, feature)
    assert all("can't" in line or "can have" in line for line in told)
    assert len(told) == 2
