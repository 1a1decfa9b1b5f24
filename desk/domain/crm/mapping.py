"""What won deals become, as staff wrote it down: the rules of a mapping, and its terms. `wanted` carries them to a deal.

A **rule** says of which lines it speaks (by their product), or that it speaks of the deal as a whole, under which
conditions, and what they become: a plan or add-on × a quantity, a change to one feature, days more of trial, or
nothing. Each value of it is a **reading**: written in the rule, or taken from a field of the line or of the deal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from desk.domain.crm.told import Deal, DealLine
from entitlements.domain.facts import Mode


class Target(StrEnum):
    """What a rule makes of what it speaks of. `NOTHING`: on purpose, so that nobody is asked about it."""

    PLAN = "plan"
    FEATURE = "feature"
    TRIAL = "trial"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a value comes from: from a field of the line, else of the deal; where that says nothing, what is written."""

    written: str = ""
    line_field: str = ""
    deal_field: str = ""

    def of(self, deal: Deal, line: DealLine | None) -> str:
        found = line.fields.get(self.line_field, "") if line is not None and self.line_field else ""
        found = found.strip() or (deal.fields.get(self.deal_field, "").strip() if self.deal_field else "")
        return found or self.written.strip()

    @property
    def words(self) -> str:
        """Where a person looks for what it read."""
        named = self.line_field or self.deal_field
        return f"the field {named}" if named else "what the mapping says"


NOTHING = Reading()


@dataclass(frozen=True, slots=True)
class Condition:
    """The field has one of these values, whatever their case; of the line where the rule speaks of lines and it has one."""

    field: str
    values: tuple[str, ...]

    def holds(self, deal: Deal, line: DealLine | None) -> bool:
        own = line.fields if line is not None and self.field in line.fields else deal.fields
        return own.get(self.field, "").strip().casefold() in {value.strip().casefold() for value in self.values}


@dataclass(frozen=True, slots=True)
class Rule:
    """`products` empty: it speaks of the deal as a whole. `plan`, `interval`; `feature`, `mode`: by the target."""

    key: str
    target: Target
    products: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    plan: str = ""
    interval: str = ""
    feature: str = ""
    mode: Mode | None = None
    quantity: Reading = NOTHING  # of plans; nothing read: the line's own quantity, else 1
    value: Reading = NOTHING  # of features
    days: Reading = NOTHING  # of a trial: so many more
    through: Reading = NOTHING  # of a trial: until then; of a line: a last day of its own
    starts: Reading = NOTHING  # of a line: a first day of its own
    note: str = ""

    def speaks_of(self, deal: Deal, line: DealLine | None) -> bool:
        if line is None:
            return not self.products and all(one.holds(deal, None) for one in self.where)
        named = line.product.strip().casefold() in {product.strip().casefold() for product in self.products}
        return named and all(one.holds(deal, line) for one in self.where)


@dataclass(frozen=True, slots=True)
class DealTerms:
    """From when the contract speaks and how long: nothing read of `starts` is the day the deal was closed, nothing of
    `months` and `through` is until somebody ends it. `renews`: it renews by the months it first lasted."""

    starts: Reading = NOTHING
    months: Reading = NOTHING
    through: Reading = NOTHING
    renews: bool = False
    notice_days: int = 0


@dataclass(frozen=True, slots=True)
class DealMapping:
    rules: tuple[Rule, ...]
    terms: DealTerms = DealTerms()


def fields_read(mapping: DealMapping) -> Iterator[tuple[str, bool]]:
    """Every field of the CRM that the mapping reads, and whether of a line: what has to be asked for."""
    readings = [mapping.terms.starts, mapping.terms.months, mapping.terms.through]
    for rule in mapping.rules:
        readings += [rule.quantity, rule.value, rule.days, rule.through, rule.starts]
        for condition in rule.where:
            yield condition.field, bool(rule.products)
            yield condition.field, False
    for reading in readings:
        if reading.line_field:
            yield reading.line_field, True
        if reading.deal_field:
            yield reading.deal_field, False
