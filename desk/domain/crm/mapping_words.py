"""A mapping as a person reads it: each rule a sentence, the terms two or three.

A sentence is made of parts, so that a screen can show what is a **thing** and what is a *field*; `plain` is the same for
the audit, where only the words matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from catalog.domain.amounts import UnreadableCell
from catalog.domain.values import FeatureShape, Nature
from catalog.domain.words import say_value
from desk.domain.crm.mapping import NOTHING, Condition, DealTerms, Reading, Rule, Target
from desk.domain.crm.mapping_values import Unread, read_day, read_value
from entitlements.domain.facts import Mode

NO_WORDS: Mapping[str, str] = {}
NO_SHAPES: Mapping[str, FeatureShape] = {}
PAID = {"month": ", paid by the month", "year": ", paid by the year"}


class Look(StrEnum):
    PLAIN = ""
    THING = "thing"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Part:
    words: str
    look: Look = Look.PLAIN


Sentence = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called: plans, features and fields by the names that the mapping has for them."""

    plans: Mapping[str, str] = field(default_factory=lambda: NO_WORDS)
    shapes: Mapping[str, FeatureShape] = field(default_factory=lambda: NO_SHAPES)
    line_fields: Mapping[str, str] = field(default_factory=lambda: NO_WORDS)
    deal_fields: Mapping[str, str] = field(default_factory=lambda: NO_WORDS)

    def feature(self, key: str) -> str:
        return self.shapes[key].name if key in self.shapes else key


UNNAMED = Names()


def plain(parts: Iterable[Part]) -> str:
    return "".join(part.words for part in parts)


def say_rule(rule: Rule, names: Names = UNNAMED) -> Sentence:
    """ "Each TEAM-SEAT becomes Team × the line’s quantity, paid by the year, from the deal’s Start date"."""
    parts = [*_subject(rule), *_conditions(rule, names), Part(" ")]
    match rule.target:
        case Target.PLAN:
            parts += _plan(rule, names)
        case Target.FEATURE:
            parts += _feature(rule, names)
        case Target.TRIAL:
            return (*parts, *_trial(rule, names))
        case Target.NOTHING:
            return (*parts, Part("becomes nothing, on purpose"))
    return (*parts, *_days(rule, names))


def _subject(rule: Rule) -> Iterator[Part]:
    if not rule.products:
        yield Part("Each won deal")
        return
    yield Part("Each ")
    yield from _things(rule.products)


def _conditions(rule: Rule, names: Names) -> Iterator[Part]:
    for place, one in enumerate(rule.where):
        yield Part(" whose " if place == 0 else " and whose ")
        yield Part(_called(one, rule, names), Look.FIELD)
        yield Part(" is ")
        yield from _things(one.values)


def _called(one: Condition, rule: Rule, names: Names) -> str:
    of_line = names.line_fields.get(one.field) if rule.products else None
    return of_line or names.deal_fields.get(one.field) or one.field


def _plan(rule: Rule, names: Names) -> Iterator[Part]:
    yield Part("becomes ")
    yield Part(names.plans.get(rule.plan, rule.plan), Look.THING)
    if rule.quantity != NOTHING:
        yield Part(" × ")
        own = "the line’s quantity" if rule.products else "1"
        yield from _reading(rule.quantity, names, last="" if rule.quantity.written.strip() else own)
    elif rule.products:
        yield Part(" × the line’s quantity")
    yield Part(PAID.get(rule.interval, ""))


def _feature(rule: Rule, names: Names) -> Iterator[Part]:
    shape, thing = names.shapes.get(rule.feature), Part(names.feature(rule.feature), Look.THING)
    value = list(_reading(_said(rule.value, shape), names))
    match rule.mode:
        case Mode.DENY:
            yield from (Part("denies "), thing)
        case _ if shape is not None and shape.nature is Nature.GATE:
            yield from (Part("gives "), thing)
        case Mode.ADD:
            yield from (Part("adds "), *value, Part(" to "), thing)
        case Mode.AT_LEAST:
            yield from (Part("makes "), thing, Part(" at least "), *value)
        case Mode.AT_MOST:
            yield from (Part("makes "), thing, Part(" at most "), *value)
        case _:
            yield from (Part("sets "), thing, Part(" to "), *value)


def _said(reading: Reading, shape: FeatureShape | None) -> Reading:
    """What is written, as the plan sheet says it."""
    if shape is None or not reading.written.strip():
        return reading
    try:
        value, unit = read_value(reading.written.strip(), shape=shape)
    except UnreadableCell:
        return reading
    return replace(reading, written=say_value(value, shape=shape, typed_unit=unit))


def _trial(rule: Rule, names: Names) -> Iterator[Part]:
    yield Part("makes the trial longer, ")
    if rule.days != NOTHING:
        yield Part("by ")
        yield from _reading(rule.days, names)
        yield Part(" day" if rule.days == Reading(written="1") else " days")
    else:
        yield Part("through ")
        yield from _reading(_as_day(rule.through), names)


def _days(rule: Rule, names: Names) -> Iterator[Part]:
    for word, reading in (("from", rule.starts), ("through", rule.through)):
        if reading != NOTHING:
            yield Part(f", {word} ")
            yield from _reading(_as_day(reading), names)


def _reading(reading: Reading, names: Names, *, last: str = "") -> Iterator[Part]:
    """Where it is read, in the order in which it is looked for; `last` is what holds where nothing was found."""
    found = [
        *([(Part("the line’s "), Part(names.line_fields.get(reading.line_field, reading.line_field), Look.FIELD))]
          if reading.line_field else []),
        *([(Part("the deal’s "), Part(names.deal_fields.get(reading.deal_field, reading.deal_field), Look.FIELD))]
          if reading.deal_field else []),
        *([(Part(reading.written.strip(), Look.THING),)] if reading.written.strip() else []),
        *([(Part(last),)] if last else []),
    ]  # fmt: skip
    for place, parts in enumerate(found):
        yield Part(", else " if place else "")
        yield from parts


def _as_day(reading: Reading) -> Reading:
    """A day that is written, as people say it."""
    try:
        day = read_day(reading.written.strip(), reading)
    except Unread:
        return reading
    return reading if day is None else replace(reading, written=f"{day:%-d %B %Y}")


def _things(words: Iterable[str]) -> Iterator[Part]:
    said = list(words)
    for place, word in enumerate(said):
        yield Part("" if place == 0 else " or " if place == len(said) - 1 else ", ")
        yield Part(word, Look.THING)


# The terms ----------------------------------------------------------------------------------------------------------
def say_terms(terms: DealTerms, names: Names = UNNAMED) -> tuple[Sentence, ...]:
    """From when, how long, and what follows."""
    return (
        tuple(_first_day(terms, names)),
        tuple(_length(terms, names)),
        *((tuple(_renewal(terms)),) if terms.months != NOTHING or terms.through != NOTHING else ()),
        *((tuple(_notice(terms)),) if terms.notice_days else ()),
    )


def _first_day(terms: DealTerms, names: Names) -> Iterator[Part]:
    yield Part("The contract begins on ")
    last = "" if terms.starts.written.strip() else "the day the deal was won"
    yield from _reading(_as_day(terms.starts), names, last=last)
    yield Part(".")


def _length(terms: DealTerms, names: Names) -> Iterator[Part]:
    yield Part("It lasts ")
    if terms.months != NOTHING:
        one = terms.months == Reading(written="1")
        last = "" if terms.months.written.strip() else "until somebody ends it"
        yield from _reading(terms.months, names)
        yield Part(" month" if one else " months")
        yield Part(f", or {last} where that is empty" if last else "")
    elif terms.through != NOTHING:
        last = "" if terms.through.written.strip() else "until somebody ends it"
        yield Part("through ")
        yield from _reading(_as_day(terms.through), names)
        yield Part(f", or {last} where that is empty" if last else "")
    else:
        yield Part("until somebody ends it")
    yield Part(".")


def _renewal(terms: DealTerms) -> Iterator[Part]:
    yield Part("Then it renews by as many months, each time." if terms.renews else "Then it ends.")


def _notice(terms: DealTerms) -> Iterator[Part]:
    days = "a day" if terms.notice_days == 1 else f"{terms.notice_days:,} days"
    yield Part(f"Notice is given {days} before the end.")
