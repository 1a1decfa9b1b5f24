"""What a mapping can't say, said when somebody says it, and what about it a person should look at.

A **slip** is refused beside the field at fault: what was written is read at once, by the same reading that a deal's
field gets later, so a typing error is told when it is made. A **remark** is no fault: the mapping means something, and
perhaps not what was meant.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.domain.amounts import UnreadableCell
from catalog.domain.values import FeatureShape, Nature
from desk.domain.crm.mapping import NOTHING, Condition, DealMapping, DealTerms, Reading, Rule, Target
from desk.domain.crm.mapping_values import (
    MOST_DAYS,
    MOST_MONTHS,
    MOST_QUANTITY,
    Unread,
    read_day,
    read_value,
    read_whole,
)
from entitlements.domain.arithmetic import MODES
from entitlements.domain.facts import Mode

# Sorts of fields, in the words that CRMs have for them, that never hold what is looked for.
NO_NUMBERS = frozenset({"date", "datetime", "bool", "boolean", "email", "phone"})
NO_DAYS = frozenset({"number", "double", "int", "integer", "currency", "percent", "bool", "boolean", "email", "phone"})
READ_OF_RULES = {
    "quantity": NO_NUMBERS,
    "value": frozenset[str](),
    "days": NO_NUMBERS,
    "starts": NO_DAYS,
    "through": NO_DAYS,
}
READ_OF_TERMS = {"starts": NO_DAYS, "months": NO_NUMBERS, "through": NO_DAYS}
LONGEST_WORD, MOST_WORDS, LONGEST_NOTICE = 200, 500, 3650
OF_A_LINE = (
    "A rule about the deal as a whole reads no line: name a field of the deal, or say of which product it speaks."
)


@dataclass(frozen=True, slots=True)
class Slip:
    """Something that can't be right: about which input, and what to do."""

    field: str
    words: str


# What can't be said -------------------------------------------------------------------------------------------------
def slips_of_rule(rule: Rule, *, shape: FeatureShape | None) -> Iterator[Slip]:
    """`shape` is that of the feature the rule names; None where it names none that there is."""
    yield from _slips_of_products(rule)
    yield from _slips_of_conditions(rule.where)
    match rule.target:
        case Target.PLAN:
            yield from _slips_of_reading(rule, "quantity", rule.quantity)
            yield from _typed(rule, "quantity", lambda text, found: read_whole(text, found, most=MOST_QUANTITY))
        case Target.FEATURE:
            yield from _slips_of_feature(rule, shape)
        case Target.TRIAL:
            yield from _slips_of_trial(rule)
        case Target.NOTHING if not rule.products:
            yield Slip("products", "Say which products become nothing; a whole deal becomes nothing without a rule.")
    yield from _slips_of_days(rule)


def slips_of_terms(terms: DealTerms) -> Iterator[Slip]:
    for name in ("starts", "through"):
        yield from _typed(terms, name, read_day)
    yield from _typed(terms, "months", lambda text, reading: read_whole(text, reading, most=MOST_MONTHS))
    if terms.months != NOTHING and terms.through != NOTHING:
        yield Slip("through", "Say either how many months it lasts or through which day, not both.")
    if terms.renews and terms.months == NOTHING and terms.through == NOTHING:
        yield Slip("renews", "What renews has a first term: say how long that lasts.")
    if not 0 <= terms.notice_days <= LONGEST_NOTICE:
        yield Slip("notice_days", f"Notice is given from 0 to {LONGEST_NOTICE:,} days before the end.")


def _slips_of_products(rule: Rule) -> Iterator[Slip]:
    if len(rule.products) > MOST_WORDS:
        yield Slip("products", f"One rule speaks of {MOST_WORDS} products at most. Make another beside it.")
    if any(len(one) > LONGEST_WORD for one in rule.products):
        yield Slip("products", f"No code of a product is longer than {LONGEST_WORD} letters.")


def _slips_of_conditions(where: Sequence[Condition]) -> Iterator[Slip]:
    for one in where:
        if not one.field.strip():
            yield Slip("where", f"Say which field is to have the value {one.values[0] if one.values else ''}.")
        elif not any(value.strip() for value in one.values):
            yield Slip("where", f"Say which values the field {one.field} has to have.")


def _slips_of_feature(rule: Rule, shape: FeatureShape | None) -> Iterator[Slip]:
    yield from _slips_of_reading(rule, "value", rule.value)
    if rule.mode is None:
        yield Slip("mode", "Say in which way the feature changes.")
    elif shape is not None and rule.mode not in MODES[shape.nature]:
        yield Slip("mode", f"{shape.name} can’t be changed in this way.")
    elif shape is not None and rule.mode is not Mode.DENY and shape.nature is not Nature.GATE:
        yield from _slips_of_value(rule, shape)


def _slips_of_value(rule: Rule, shape: FeatureShape) -> Iterator[Slip]:
    if rule.value == NOTHING:
        yield Slip("value", f"Say what {shape.name} becomes, or in which field that stands.")
    elif rule.value.written.strip():
        try:
            read_value(rule.value.written.strip(), shape=shape)
        except UnreadableCell as unreadable:
            yield Slip("value", str(unreadable))


def _slips_of_trial(rule: Rule) -> Iterator[Slip]:
    yield from _slips_of_reading(rule, "days", rule.days)
    yield from _typed(rule, "days", lambda text, reading: read_whole(text, reading, most=MOST_DAYS))
    if rule.days == NOTHING and rule.through == NOTHING:
        yield Slip("days", "Say by how many days the trial becomes longer, or through which day it lasts.")
    if rule.days != NOTHING and rule.through != NOTHING:
        yield Slip("through", "Say either by how many days it becomes longer or through which day, not both.")


def _slips_of_days(rule: Rule) -> Iterator[Slip]:
    for name in ("starts", "through"):
        yield from _slips_of_reading(rule, name, getattr(rule, name))
        yield from _typed(rule, name, read_day)
    first, last = _day(rule.starts), _day(rule.through)
    if first is not None and last is not None and last < first:
        yield Slip("through", "It would be over before it begins.")


def _slips_of_reading(rule: Rule, name: str, reading: Reading) -> Iterator[Slip]:
    if reading.line_field and not rule.products:
        yield Slip(name, OF_A_LINE)


def _typed(owner: Rule | DealTerms, name: str, read: Callable[[str, Reading], object]) -> Iterator[Slip]:
    """What is written is read as a deal's field would be."""
    text = getattr(owner, name).written.strip()
    if not text:
        return
    try:
        read(text, Reading(written=text))
    except Unread as unread:
        yield Slip(name, str(unread).replace(" in what the mapping says", ""))


def _day(reading: Reading) -> date | None:
    """The day that is written, where nothing else is read before it."""
    if reading.line_field or reading.deal_field:
        return None
    try:
        return read_day(reading.written.strip(), reading)
    except Unread:
        return None


# What to look at ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Known:
    """What there is to name. `products` by their codes, fields with their sort there, as far as the CRM was asked (None:
    it wasn't); `sold` are the plans that have a version on sale."""

    sold: Collection[str] = ()
    features: Mapping[str, FeatureShape] | None = None
    products: Collection[str] | None = None
    line_fields: Mapping[str, str] | None = None
    deal_fields: Mapping[str, str] | None = None


def remarks(mapping: DealMapping, known: Known) -> Iterator[tuple[str, str]]:
    """What a person should look at: of which rule (by its key; empty: of the whole), and in words."""
    if not mapping.rules:
        yield "", "It has no rule, so won deals become nothing."
    for place, rule in enumerate(mapping.rules):
        for earlier, products in _shadows(mapping.rules[:place], rule):
            yield rule.key, f"It is never reached for {_listed(products)}: rule {earlier + 1} speaks first."
        yield from ((rule.key, words) for words in _lost(rule, known))
        yield from ((rule.key, words) for words in _unfit(rule, READ_OF_RULES, known))
    yield from (("", words) for words in _unfit(mapping.terms, READ_OF_TERMS, known))
    yield from _two_kinds_of_trial(mapping.rules)


def _shadows(before: Sequence[Rule], rule: Rule) -> Iterator[tuple[int, list[str]]]:
    """Rules before it that always speak where it would, by their place, and of which of its products; each once."""
    left = {one.strip().casefold(): one for one in rule.products}
    for place, earlier in enumerate(before):
        if not _always(earlier.where, rule.where):
            continue
        taken = [left.pop(code) for code in {one.strip().casefold() for one in earlier.products} & left.keys()]
        if taken:
            yield place, sorted(taken)


def _always(earlier: Sequence[Condition], later: Sequence[Condition]) -> bool:
    """Whether the conditions of the earlier hold wherever those of the later do."""
    return all(any(_within(other, one) for other in later) for one in earlier)


def _within(narrow: Condition, wide: Condition) -> bool:
    there = {value.strip().casefold() for value in wide.values}
    return narrow.field == wide.field and {value.strip().casefold() for value in narrow.values} <= there


def _lost(rule: Rule, known: Known) -> Iterator[str]:
    """What the rule names and isn't there, or not any more."""
    if known.products is not None:
        there = {one.strip().casefold() for one in known.products}
        unknown = [one for one in rule.products if one.strip().casefold() not in there]
        if unknown:
            yield f"The CRM has no product {_listed(unknown)} that is for sale."
    if rule.target is Target.PLAN and rule.plan not in known.sold:
        yield "The plan it names is not on sale any more."
    if rule.target is Target.FEATURE and known.features is not None and rule.feature not in known.features:
        yield "The feature it names is no longer there."


def _unfit(owner: Rule | DealTerms, read: Mapping[str, Collection[str]], known: Known) -> Iterator[str]:
    """Fields that it reads and that aren't there, or can't hold what is looked for."""
    for name, others in read.items():
        reading: Reading = getattr(owner, name)
        for field, there in ((reading.line_field, known.line_fields), (reading.deal_field, known.deal_fields)):
            if field and there is not None and field not in there:
                yield f"The CRM has no field {field} any more."
            elif field and there is not None and there[field].casefold() in others:
                yield f"The field {field} holds no {'day' if others is NO_DAYS else 'number'} there."


def _two_kinds_of_trial(rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    trials = [rule for rule in rules if rule.target is Target.TRIAL]
    days = [rule for rule in trials if rule.days != NOTHING]
    if days and len(days) < len(trials):
        later = next(rule for rule in trials if (rule in days) is not (trials[0] in days))
        yield (
            later.key,
            "A deal of which this and another rule about trials speak can’t be read: one says days, one a day.",
        )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
