"""The rules of features by date, and the dimensions of what is used up."""

import re
from collections.abc import Iterable
from typing import Any

from catalog.actions.dimensions import add_dimension, edit_dimension, remove_dimension
from catalog.actions.rules import set_rules, strike_rules
from catalog.domain.choice_lines import Weighed, read_weighed_lines, write_weighed_lines
from catalog.domain.entries import (
    WrongEntry,
    a_key,
    a_line,
    a_number,
    a_word,
    an_instant,
    meant,
    optional,
    read_instant,
    yes_no,
)
from catalog.domain.fallbacks import Fallback, UseEffect
from catalog.domain.rules import FeatureRules, read_rules, rules_of, say_thresholds
from catalog.domain.values import BelowUse, Combine, GivenBy, ParentRule, Reset, Squeeze
from catalog.imports.features import SAME_AS_ELSEWHERE, read_lines
from catalog.imports.table import Column, Entry, Hand, Table, Texts, found
from catalog.models import Dimension, Feature, FeatureRevision

_THRESHOLD = re.compile(r"([0-9]{1,3})\s*%?\s*:\s*(customer and sales|customer|sales)", re.IGNORECASE)
_NOBODY = "nobody is told"


def read_weighed(text: str) -> str:
    return read_lines(lambda said: write_weighed_lines(read_weighed_lines(said)), text)


def read_thresholds(text: str) -> str:
    """ "80 %: customer; 90 %: customer and sales"."""
    said = " ".join(text.split())
    if said.casefold() in {"", _NOBODY}:
        return _NOBODY
    steps = [_THRESHOLD.fullmatch(part.strip()) for part in said.split(";")]
    if not all(steps):
        raise WrongEntry(f"“{said[:60]}” can't be read; write for example 80 %: customer; 90 %: customer and sales.")
    return "; ".join(f"{int(step[1])} %: {step[2].casefold()}" for step in steps if step)


class RuleTable(Table):
    """Every revision of the rules of every feature, the past ones too: those can be read here and never changed."""

    feature = Column("Feature", a_key, of="feature__key", names="feature", note="its key", required=True)
    since = Column(
        "From", an_instant, of="effective_at", note="a moment still to come, such as 2027-01-01", required=True
    )
    combine = Column("Several plans", a_word(Combine), of="combine", required=True)
    parent_rule = Column("Child accounts", a_word(ParentRule), of="parent_rule", note="own, inherit or shared",
                         required=True)  # fmt: skip
    default_reset = Column("Starts again", optional(a_word(Reset)), of="default_reset")
    kept_when_suspended = Column("Kept when suspended", yes_no, of="kept_when_suspended")
    effect = Column("Use", a_word(UseEffect), note="what using it does, which the fallback follows from", required=True)
    fallback_paying = Column("Fallback, paying", optional(a_word(Fallback)))
    fallback_trial = Column("Fallback, trial", optional(a_word(Fallback)))
    fallback_unpaid = Column("Fallback, unpaid", optional(a_word(Fallback)))
    fallback_seconds = Column("Last answer kept, seconds", optional(a_number(least=1)), of="fallback_seconds")
    thresholds = Column("Thresholds", read_thresholds, note="80 %: customer; 90 %: customer and sales")
    buffer_percent = Column("Kept back, percent", a_number(most=99), of="buffer_percent")
    below_use = Column("Below use", optional(a_word(BelowUse, allow="allow", refuse="refuse")), of="below_use",
                       note="allow or refuse a change that leaves less than is in use; empty: allow")  # fmt: skip
    squeeze = Column("Seats beyond", optional(a_word(Squeeze, **{one.value: one.value for one in Squeeze})), of="squeeze",
                     note="of seats: keep, invited_then_newest or longest_unused; empty: keep")  # fmt: skip
    given_by = Column("Given by", optional(a_word(GivenBy, plans="plans", billing="billing")), of="given_by",
                      note="who decides who has it: plans, or of what is on or off also billing; empty: plans")  # fmt: skip

    slug, title = "rules", "Feature rules"
    what = "How each feature is combined, falls back and warns, by the date from which it holds."
    model = FeatureRevision
    identity = ("feature", "since")
    _CHOICES = {
        "effect": UseEffect,
        "fallback_paying": Fallback,
        "fallback_trial": Fallback,
        "fallback_unpaid": Fallback,
    }

    def records(self) -> Iterable[Any]:
        return FeatureRevision.objects.select_related("feature").order_by("feature__key", "effective_at")

    def dehydrate_effect(self, row: FeatureRevision) -> str:
        return UseEffect(row.effect).words

    def dehydrate_fallback_paying(self, row: FeatureRevision) -> str:
        return Fallback(row.fallback_paying).words if row.fallback_paying else ""

    def dehydrate_fallback_trial(self, row: FeatureRevision) -> str:
        return Fallback(row.fallback_trial).words if row.fallback_trial else ""

    def dehydrate_fallback_unpaid(self, row: FeatureRevision) -> str:
        return Fallback(row.fallback_unpaid).words if row.fallback_unpaid else ""

    def dehydrate_thresholds(self, row: FeatureRevision) -> str:
        return say_thresholds(rules_of(row).thresholds)

    def fit(self, after: Texts) -> Texts:
        below, squeeze = after["below_use"] or BelowUse.ALLOW.value, after["squeeze"] or Squeeze.KEEP.value
        return {**after, "below_use": below, "squeeze": squeeze, "given_by": after["given_by"] or GivenBy.PLANS.value}

    def write(self, entry: Entry, hand: Hand) -> None:
        after = entry.after
        set_rules(
            feature=found(Feature, after["feature"]),
            rules=self._rules(after),
            effective_at=read_instant(after["since"]),
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def _rules(self, after: Texts) -> FeatureRules:
        said: dict[str, Any] = {
            name: after[name].replace(" ", "_") for name in ("combine", "parent_rule", "default_reset")
        }
        said |= {name: meant(kind, after[name]).value if after[name] else "" for name, kind in self._CHOICES.items()}
        steps = [part.partition(" %: ") for part in after["thresholds"].split("; ")]
        return read_rules(
            {
                **said,
                "kept_when_suspended": after["kept_when_suspended"] == "yes",
                "fallback_seconds": int(after["fallback_seconds"]) if after["fallback_seconds"] else None,
                "thresholds": [] if after["thresholds"] == _NOBODY else [[int(p), told] for p, _, told in steps],
                "buffer_percent": int(after["buffer_percent"]),
                "below_use": after["below_use"],
                "squeeze": after["squeeze"],
                "given_by": after["given_by"],
            }
        )

    def drop(self, after: Texts, hand: Hand) -> None:
        standing = FeatureRevision.objects.filter(feature__key=after["feature"])
        row = standing.filter(effective_at=read_instant(after["since"])).select_related("feature").get()
        strike_rules(revision=row, reason=hand.reason, by=hand.by, at=hand.at)


class DimensionTable(Table):
    feature = Column("Feature", a_key, of="feature__key", names="feature", note="its key", required=True)
    key = Column("Key", a_key, of="key", note=SAME_AS_ELSEWHERE, required=True)
    name = Column("Name", a_line(120), of="name", required=True)
    choices = Column("Choices", read_weighed, note="one a line, with what one counts as: large | Large model = 5",
                     required=True)  # fmt: skip

    slug, title = "dimensions", "Dimensions"
    what = "What use of a feature is told apart by, such as the AI model, and how much each choice counts."
    model = Dimension
    identity = ("feature", "key")

    def records(self) -> Iterable[Any]:
        return (
            Dimension.objects.select_related("feature").prefetch_related("choices").order_by("feature__key", "position")
        )

    def dehydrate_choices(self, row: Dimension) -> str:
        return write_weighed_lines(
            tuple(Weighed(choice.key, choice.name, choice.weight_thousandths) for choice in row.choices.all())
        )

    def write(self, entry: Entry, hand: Hand) -> None:
        after, feature = entry.after, found(Feature, entry.after["feature"])
        told: dict[str, Any] = {"name": after["name"], "choices": read_weighed_lines(after["choices"])}
        if entry.before is None:
            add_dimension(feature=feature, key=after["key"], **told, reason=hand.reason, by=hand.by, at=hand.at)
        else:
            row = feature.dimensions.get(key=after["key"])
            edit_dimension(dimension=row, **told, reason=hand.reason, by=hand.by, at=hand.at)

    def drop(self, after: Texts, hand: Hand) -> None:
        row = found(Feature, after["feature"]).dimensions.get(key=after["key"])
        remove_dimension(dimension=row, reason=hand.reason, by=hand.by, at=hand.at)
