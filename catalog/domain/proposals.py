"""A row of a price page that nobody declared: what its feature probably is, for a person to confirm.

The guess is only ever shown, as the line to put into the declarations; nothing is imported on the strength of it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.domain.cells import LONGEST
from catalog.domain.declarations import FeatureDeclaration, slug, write_declaration
from catalog.domain.prices import mentions_money
from catalog.domain.sayings import Saying, saying_of
from catalog.domain.units import Family, Unit, default_scale, singular, unit_named
from catalog.domain.values import Aggregation, Better, Choice, ConfigType, FeatureShape, Kind, Reset

_AMOUNT = re.compile(r"[0-9][0-9.,]*\s*(?:(?:million|billion|thousand)s?\b\s*)?(?P<words>[^;,]*)", re.IGNORECASE)
_PER = re.compile(
    r"\bper\s+(?:[0-9][0-9.,]*\s*)?(?:(?:million|thousand)\b\s*)?(?P<noun>[^\W\d][\w ]*?)\s*(?:$|[,;])", re.IGNORECASE
)
_AGGREGATIONS = {"average": Aggregation.AVERAGE, "distinct": Aggregation.DISTINCT, "peak": Aggregation.PEAK}


@dataclass(frozen=True, slots=True)
class Proposal:
    declaration: FeatureDeclaration
    line: str  # as it would stand in the declarations file


def propose(*, name: str, group: str, usage_based: bool, cells: Sequence[str], note: str = "") -> Proposal:
    """What the feature of an undeclared row probably is, judged by the cells of all its plans."""
    told = [cell.strip() for cell in (c[:LONGEST] for c in cells) if cell.strip() and saying_of(cell) is None]
    limitless = any(saying_of(cell) is Saying.UNLIMITED for cell in cells)
    amounts = [found for cell in told if (found := _AMOUNT.match(cell))]
    if amounts or limitless or (usage_based and any(map(mentions_money, told))):
        shape = _amount_shape(name, [a["words"] for a in amounts], told, usage_based=usage_based, note=note)
    else:
        shape = _word_shape(name, [cell for cell in told if not mentions_money(cell)])
    declaration = FeatureDeclaration(
        shape,
        group=group or "General",
        note=note,
        reset=Reset.BILLING if shape.kind is Kind.METERED else None,
        sold_as_add_on="add-on" in note.casefold(),
    )
    return Proposal(declaration, write_declaration(declaration))


def _amount_shape(
    name: str, words: Sequence[str], told: Sequence[str], *, usage_based: bool, note: str
) -> FeatureShape:
    typed = [known for text in words if text and (known := unit_named(text.split()[0])) is not None]
    unit = max(typed, key=lambda u: u.factor).key if typed else _noun(words, told)
    kind = _amount_kind(typed, usage_based=usage_based)
    added_up = next((how for word, how in _AGGREGATIONS.items() if word in note.casefold()), Aggregation.SUM)
    config = None
    if kind is Kind.CONFIG:
        config = ConfigType.SIZE if typed[0].family is Family.BYTES else ConfigType.DURATION
    return FeatureShape(
        key=slug(name),
        name=name,
        kind=kind,
        unit=unit,
        scale=default_scale(unit),
        aggregation=added_up if kind is Kind.METERED else None,
        config_type=config,
    )


def _amount_kind(typed: Sequence[Unit], *, usage_based: bool) -> Kind:
    if usage_based:
        return Kind.METERED
    return Kind.CONFIG if typed else Kind.CAPACITY


def _noun(words: Sequence[str], told: Sequence[str]) -> str:
    """What is counted, in the page's own noun: "100 origin images included", "then $0.00325 per MAU"."""
    nouns = [re.sub(r"\bincluded\b.*", "", text).strip() for text in words]
    nouns += [found["noun"].strip() for cell in told for found in _PER.finditer(cell)]
    likely = Counter(singular(noun) for noun in nouns if noun and len(noun) <= 40 and unit_named(noun) is None)
    return likely.most_common(1)[0][0] if likely else ""


def _word_shape(name: str, told: Sequence[str]) -> FeatureShape:
    is_list = any("," in cell for cell in told)
    labels = [part.strip() for cell in told for part in (cell.split(",") if is_list else [cell])]
    choices = {slug(label): Choice(slug(label), label) for label in labels if label}
    if not choices:
        return FeatureShape(key=slug(name), name=name, kind=Kind.GATE)
    return FeatureShape(
        key=slug(name),
        name=name,
        kind=Kind.CONFIG,
        config_type=ConfigType.SET if is_list else ConfigType.RANKED,
        better=Better.MORE if is_list else Better.LISTED,
        choices=tuple(choices.values()),
    )
