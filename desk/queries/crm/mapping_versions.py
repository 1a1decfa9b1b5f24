"""The versions of what won deals become: which there are, what each says in words, and what one says otherwise."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from catalog.models import Feature, Plan, PlanVersion
from catalog.models.plan import VersionState
from desk.domain.crm.mapping import Rule
from desk.domain.crm.mapping_checks import Known
from desk.domain.crm.mapping_words import Names, Sentence, plain, say_rule, say_terms
from desk.models import DealMapping, DealRule, MappingState
from desk.queries.crm.mapping import read_mapping
from journal.models import Connection

Sort: TypeAlias = Literal["added", "removed", "changed", "same"]
SAYS = ("starts", "months", "through", "renews", "notice_days")
RULE_SAYS = (
    "key",
    "position",
    "target",
    "products",
    "where",
    "plan",
    "interval",
    "feature",
    "mode",
    "readings",
    "note",
)


def draft_of(connection: Connection) -> DealMapping | None:
    return DealMapping.objects.filter(connection=connection, state=MappingState.DRAFT).first()


def versions_of(connection: Connection) -> list[DealMapping]:
    """The latest first."""
    return list(DealMapping.objects.filter(connection=connection).select_related("connection").order_by("-number"))


def rules_of(mapping: DealMapping) -> list[DealRule]:
    return list(mapping.rules.select_related("plan", "feature").order_by("position", "pk"))


def mapping_token(mapping: DealMapping) -> str:
    """Everything the mapping says, rule by rule, and nothing of what became of it: what was tried is known by it."""
    said = DealMapping.objects.filter(pk=mapping.pk).values_list(*SAYS)
    rules = DealRule.objects.filter(mapping=mapping).order_by("position", "pk").values_list(*RULE_SAYS)
    return hashlib.sha256(repr([*said, *rules]).encode()).hexdigest()[:32]


def is_tried(mapping: DealMapping) -> bool:
    """Whether it was tried as it stands."""
    return bool(mapping.tried_as) and mapping.tried_as == mapping_token(mapping)


# In words -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Worded:
    """What a version says: its rules by their keys, in their order, and its terms."""

    rules: dict[str, Sentence]
    terms: tuple[Sentence, ...]

    @property
    def terms_words(self) -> str:
        return " ".join(plain(one) for one in self.terms)


def names(*, line_fields: Iterable[tuple[str, str]] = (), deal_fields: Iterable[tuple[str, str]] = ()) -> Names:
    """What plans and features are called here, and fields there as far as the CRM was asked."""
    return Names(
        plans=dict(Plan.objects.values_list("key", "name")),
        shapes={feature.key: feature.shape for feature in Feature.objects.all()},
        line_fields=dict(line_fields),
        deal_fields=dict(deal_fields),
    )


def worded(mapping: DealMapping, called: Names) -> Worded:
    read = read_mapping(mapping)
    return Worded({rule.key: say_rule(rule, called) for rule in read.rules}, say_terms(read.terms, called))


def say_one(rule: Rule) -> str:
    """For the audit."""
    return plain(say_rule(rule, names()))


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """A rule by its key, before and after; empty where it isn't there. `moved`: it stands elsewhere among the others."""

    key: str
    sort: Sort
    before: Sentence
    after: Sentence
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    rules: tuple[RuleDifference, ...]
    terms: tuple[str, str] | None

    def __bool__(self) -> bool:
        return self.terms is not None or any(one.sort != "same" or one.moved for one in self.rules)


def difference(before: Worded | None, after: Worded) -> Difference:
    """What one version says otherwise than the one before, rule by rule; those that are gone stand last."""
    was = before.rules if before else {}
    moved = _moved(list(was), list(after.rules))
    found = [_compared(key, was.get(key, ()), words, key in moved) for key, words in after.rules.items()]
    found += [_compared(key, words, (), False) for key, words in was.items() if key not in after.rules]
    terms = ("" if before is None else before.terms_words, after.terms_words)
    return Difference(tuple(found), None if terms[0] == terms[1] else terms)


def _compared(key: str, was: Sentence, becomes: Sentence, moved: bool) -> RuleDifference:
    sort: Sort = "same" if was == becomes else "added" if not was else "removed" if not becomes else "changed"
    return RuleDifference(key, sort, was, becomes, moved)


def _moved(was: list[str], becomes: list[str]) -> set[str]:
    """Of the rules that both have, those that stand at another place among them."""
    both = set(was) & set(becomes)
    pairs = zip((key for key in was if key in both), (key for key in becomes if key in both), strict=True)
    return {after for before, after in pairs if before != after}


# What there is to name ----------------------------------------------------------------------------------------------
def known(
    *,
    products: Iterable[str] | None = None,
    line_fields: Mapping[str, str] | None = None,
    deal_fields: Mapping[str, str] | None = None,
) -> Known:
    """With what the CRM has, by its names for them; None where it wasn't asked."""
    return Known(
        sold=frozenset(sold_plans()),
        features={feature.key: feature.shape for feature in Feature.objects.all()},
        products=None if products is None else frozenset(products),
        line_fields=line_fields,
        deal_fields=deal_fields,
    )


def sold_plans() -> dict[str, Plan]:
    """The plans and add-ons that have a version on sale, plans first."""
    sold = PlanVersion.objects.filter(state=VersionState.PUBLISHED).values("plan")
    rows = Plan.objects.filter(pk__in=sold)
    return {plan.key: plan for plan in sorted(rows, key=lambda plan: (plan.kind != "plan", plan.position, plan.pk))}
