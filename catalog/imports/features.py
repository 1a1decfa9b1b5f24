"""Groups, features, their rules by date, and the dimensions of what is used up."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.actions.features import create_feature, edit_feature, remove_feature
from catalog.actions.groups import create_group, edit_group, remove_group
from catalog.actions.rules import set_rules
from catalog.domain.choice_lines import (
    UnreadableLine,
    read_choice_lines,
    write_choice_lines,
)
from catalog.domain.entries import (
    WrongEntry,
    a_key,
    a_line,
    a_word,
    meant,
    optional,
    prose,
    yes_no,
)
from catalog.domain.rules import FeatureRules, fitting, plain_rules, read_rules
from catalog.domain.units import default_scale
from catalog.domain.values import (
    Aggregation,
    Better,
    Combine,
    ConfigType,
    FeatureShape,
    InvalidFeature,
    Kind,
    Reset,
)
from catalog.imports.table import Column, Entry, Hand, Table, Texts, found, maybe
from catalog.models import Feature, FeatureGroup
from catalog.queries.rules import rules_at, rules_of_features

SAME_AS_ELSEWHERE = "small letters, digits and _; it never changes"
# Older files write choices on one line, "basic|Basic < smart|Smart CDN".
_ON_ONE_LINE = re.compile(r"\s+[<;]\s+")


def read_choices(text: str) -> str:
    return read_lines(lambda said: write_choice_lines(read_choice_lines(said)), text)


def read_lines(read: Any, text: str) -> str:
    said = _ON_ONE_LINE.sub("\n", text) if "|" in text and "\n" not in text else text
    try:
        return str(read(said))
    except UnreadableLine as unreadable:
        raise WrongEntry(str(unreadable)) from None


class GroupTable(Table):
    key = Column("Key", a_key, of="key", note=SAME_AS_ELSEWHERE, required=True)
    name = Column("Name", a_line(120), of="name", note="the heading on the plan sheet", required=True)
    parent = Column("In group", optional(a_key), of="parent__key", names="group", note="the key of the group above it")

    slug, title, own = "groups", "Groups", "group"
    what = "The headings of the plan sheet, one inside another."
    model = FeatureGroup

    def records(self) -> Iterable[Any]:
        return FeatureGroup.objects.select_related("parent").order_by("position", "pk")

    def in_order(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Those that stand in no other first: a group is made before what stands in it."""
        waiting, done, ordered = list(entries), set[str](), list[Entry]()
        coming = {entry.key for entry in entries}
        while waiting:
            ready = [e for e in waiting if e.after["parent"] not in coming or e.after["parent"] in done] or waiting[:1]
            ordered += ready
            done |= {entry.key for entry in ready}
            waiting = [entry for entry in waiting if entry not in ready]
        return ordered

    def write(self, entry: Entry, hand: Hand) -> None:
        after, parent = entry.after, maybe(FeatureGroup, entry.after["parent"])
        if entry.before is None:
            create_group(key=after["key"], name=after["name"], parent=parent, by=hand.by, at=hand.at)
        else:
            edit_group(
                group=found(FeatureGroup, after["key"]),
                name=after["name"],
                parent=parent,
                reason=hand.reason,
                by=hand.by,
                at=hand.at,
            )

    def drop(self, after: Texts, hand: Hand) -> None:
        remove_group(group=found(FeatureGroup, after["key"]), reason=hand.reason, by=hand.by, at=hand.at)


class FeatureTable(Table):
    key = Column("Key", a_key, of="key", note=SAME_AS_ELSEWHERE, required=True)
    name = Column("Name", a_line(200), of="name", required=True)
    group = Column("Group", a_key, of="group__key", names="group", note="the key of its group", required=True)
    kind = Column("Kind", a_word(Kind), note="Feature gate, Usage limit, Seats and capacity, Configuration or Credits",
                  required=True)  # fmt: skip
    unit = Column("Unit", a_line(40), of="unit", note="GB, day, seat, call")
    aggregation = Column("Adds up", optional(a_word(Aggregation)), note="of a usage limit: sum, distinct, peak …",
                         also=("aggregation",))  # fmt: skip
    config_type = Column("Type of value", optional(a_word(ConfigType)), note="of a configuration: ranked, set, duration …",
                         also=("config type",))  # fmt: skip
    better = Column(
        "Better", optional(a_word(Better)), note="more, less, or listed where the later choice is the better"
    )
    choices = Column("Choices", optional(read_choices), note="one a line, the worst first: basic | Basic")
    reset = Column("Starts again", optional(a_word(Reset)), note="month, billing, never …; of what is used up",
                   also=("reset",))  # fmt: skip
    combine = Column("Several plans", optional(a_word(Combine)), note="what several plans together give",
                     also=("combine",))  # fmt: skip
    sold_as_add_on = Column("Sold as add-on", yes_no, of="sold_as_add_on")
    note = Column("Note", prose, of="note")

    slug, title, own = "features", "Features", "feature"
    what = "What plans can say something about, and how each is counted."
    model = Feature
    _RULES = ("reset", "combine")

    def records(self) -> Iterable[Any]:
        rows = list(Feature.objects.select_related("group").order_by("group__position", "position", "pk"))
        self._rules = rules_of_features(features=rows, at=self.at)
        return rows

    def dehydrate_kind(self, row: Feature) -> str:
        return row.shape.kind.words

    def dehydrate_aggregation(self, row: Feature) -> str:
        return row.aggregation

    def dehydrate_config_type(self, row: Feature) -> str:
        return row.config_type

    def dehydrate_better(self, row: Feature) -> str:
        return row.better if row.shape.kind is Kind.CONFIG else ""

    def dehydrate_choices(self, row: Feature) -> str:
        return write_choice_lines(row.shape.choices)

    def dehydrate_reset(self, row: Feature) -> str:
        return self._rules[row.pk].default_reset or ""

    def dehydrate_combine(self, row: Feature) -> str:
        return self._rules[row.pk].combine

    def fit(self, after: Texts) -> Texts:
        shape = shape_of(after)
        if after["reset"] and shape.kind not in {Kind.METERED, Kind.CREDIT}:
            raise WrongEntry(f"{shape.name} is not used up, so it never starts again; leave “Starts again” empty.")
        rules = fitting(_rules_said(after, FeatureRules()), shape=shape)
        return {**after, "reset": _spelled(rules.default_reset), "combine": _spelled(rules.combine),
                "better": _spelled(shape.better) if shape.kind is Kind.CONFIG else ""}  # fmt: skip

    def write(self, entry: Entry, hand: Hand) -> None:
        after, before = entry.after, entry.before
        shape, group = shape_of(after), found(FeatureGroup, after["group"])
        told = {
            "shape": shape,
            "group": group,
            "note": after["note"],
            "sold_as_add_on": after["sold_as_add_on"] == "yes",
        }
        if before is None:
            rules = fitting(_rules_said(after, FeatureRules()), shape=shape)
            create_feature(**told, rules=rules, by=hand.by, at=hand.at)
            return
        held = found(Feature, after["key"])
        if any(after[name] != before[name] for name in after if name not in self._RULES):
            told["shape"] = shape_of(after, standing=held)
            held = edit_feature(feature=held, **told, reason=hand.reason, by=hand.by, at=hand.at)
        if any(after[name] != before[name] for name in self._RULES):
            rules = _rules_said(after, rules_at(feature=held, at=hand.at))
            set_rules(feature=held, rules=rules, effective_at=hand.at, reason=hand.reason, by=hand.by, at=hand.at)

    def drop(self, after: Texts, hand: Hand) -> None:
        remove_feature(feature=found(Feature, after["key"]), reason=hand.reason, by=hand.by, at=hand.at)


def shape_of(after: Mapping[str, str], *, standing: Feature | None = None) -> FeatureShape:
    """The shape a row spells; the size of a unit stays as it stands while the unit does."""
    same_unit = standing is not None and standing.unit == after["unit"]
    config = ConfigType(after["config_type"]) if after["config_type"] else None
    ranked = Better.LISTED if config is ConfigType.RANKED else Better.MORE
    try:
        return FeatureShape(
            key=after["key"],
            name=after["name"],
            kind=Kind(meant(Kind, after["kind"])),
            unit=after["unit"],
            scale=standing.scale if same_unit and standing is not None else default_scale(after["unit"]),
            aggregation=Aggregation(after["aggregation"]) if after["aggregation"] else None,
            config_type=config,
            better=Better(after["better"]) if after["better"] else ranked,
            choices=read_choice_lines(after["choices"]),
        )
    except InvalidFeature as mistake:
        raise WrongEntry(str(mistake)) from None


def _spelled(choice: Any) -> str:
    return choice.value.replace("_", " ") if choice else ""


def _rules_said(after: Mapping[str, str], standing: FeatureRules) -> FeatureRules:
    said = plain_rules(standing)
    said["default_reset"] = after["reset"].replace(" ", "_")
    said["combine"] = after["combine"].replace(" ", "_") or Combine.MOST_GENEROUS.value
    return read_rules(said)
