"""What was had over a stretch of time, cut where anything changes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given

from catalog.domain.window import Window
from entitlements.domain.resolve import resolve
from entitlements.domain.saying import in_words
from entitlements.domain.spans import Had, cut, spans_had, spans_held
from tests.entitlements.domain.strategies import START, accounts
from tests.spec.tables import table


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


YEAR = Window(day("2026-01-01"), day("2027-01-01"))
TEXT = """
  source      | feature | mode | value | from       | until
  plan Pro    | seats   |      | 10    | 2026-02-01 |
  override 1  | seats   | add  | 5     | 2026-03-01 | 2026-04-01
  override 2  | seats   | add  | 1     | 2028-03-01 | 2028-04-01
"""


def test_a_feature_is_told_once_for_each_stretch():
    spans = [span for span in spans_had(table(TEXT), within=YEAR, zone="UTC") if span.feature == "seats"]
    assert [(span.words, span.window.start, span.window.end) for span in spans] == [
        ("not included", YEAR.start, day("2026-02-01")),
        ("10", day("2026-02-01"), day("2026-03-01")),
        ("15", day("2026-03-01"), day("2026-04-01")),
        ("10", day("2026-04-01"), YEAR.end),
    ]
    assert spans[2].source == "Pro v1 gives 10 → + 5 by override #1 through 31 March 2026"


def test_an_item_is_told_in_each_version_it_had():
    text = """
      source         | feature | mode | value | from
      plan Pro v1    | seats   |      | 10    | 2026-02-01
      version Pro v2 | seats   |      | 12    |
      rollout Pro v2 |         | now  |       | 2026-05-01
    """
    spans = spans_held(table(text), within=YEAR)
    assert [(span.version, span.window.start, span.window.end) for span in spans] == [
        ("Pro v1", day("2026-02-01"), day("2026-05-01")),
        ("Pro v2", day("2026-05-01"), YEAR.end),
    ]
    assert spans[1].cause is not None


def test_what_lies_outside_the_stretch_is_left_out():
    later = Window(day("2030-01-01"), day("2031-01-01"))
    assert [span.window for span in spans_held(table(TEXT), within=later)] == [later]
    earlier = Window(day("2020-01-01"), day("2021-01-01"))
    assert spans_held(table(TEXT), within=earlier) == ()


def test_a_stretch_is_cut_only_between_its_ends():
    cuts = [YEAR.start, day("2026-03-01"), day("2026-03-01"), YEAR.end, day("2029-01-01")]
    assert list(cut(YEAR, at=cuts)) == [
        Window(YEAR.start, day("2026-03-01")),
        Window(day("2026-03-01"), YEAR.end),
    ]


@given(accounts(depth=0))
def test_at_any_moment_the_span_says_what_the_resolver_says(facts):
    within = Window(START, START + timedelta(days=5))
    spans: dict[str, list[Had]] = {}
    for span in spans_had(facts, within=within, zone="UTC"):
        spans.setdefault(span.feature, []).append(span)
    for own in spans.values():
        assert (own[0].window.start, own[-1].window.end) == (within.start, within.end)
        assert all(one.window.end == other.window.start for one, other in pairwise(own))
    for hours in (0, 5, 30, 60, 119):
        at = START + timedelta(hours=hours)
        for key, resolution in resolve(facts, at=at).items():
            [span] = [span for span in spans[key] if span.window.contains(at)]
            assert span.words == in_words(resolution)
