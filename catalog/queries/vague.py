"""Cells that wait for a person: what the price page left open, with the words it used."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max

from catalog.domain.cases import GENERAL, Case, say_case
from catalog.domain.values import TermState
from catalog.models import Feature, FeatureGroup, Plan, PlanTerm, PlanVersion
from catalog.queries.term_rows import case_of

VAGUE = (TermState.UNSETTLED, TermState.ADD_ON, TermState.SET_PER_CUSTOMER)
_TO_DO = {
    TermState.UNSETTLED: "Decide what the plan includes. It can't be published before that.",
    TermState.ADD_ON: "Create the add-on that sells it, or choose one. The plan can't be published before that.",
    TermState.SET_PER_CUSTOMER: "Nothing here: sales agree it with each customer, and grant it on the account.",
}


@dataclass(frozen=True, slots=True)
class VagueCell:
    """One cell, of a feature or a group, and what a person has to do about it."""

    term_id: int
    version: PlanVersion
    feature: Feature | FeatureGroup
    state: TermState
    source_text: str
    case: Case = GENERAL
    when: str = ""  # the case in words

    @property
    def plan(self) -> Plan:
        return self.version.plan

    @property
    def blocks(self) -> bool:
        return self.state is not TermState.SET_PER_CUSTOMER

    @property
    def to_do(self) -> str:
        return _TO_DO[self.state]

    @property
    def heading(self) -> str:
        """Under which group it stands on the sheet."""
        return str(self.feature.group) if isinstance(self.feature, Feature) else "the whole group"


def vague_cells(*, plan: Plan | None = None) -> tuple[VagueCell, ...]:
    """The vague cells of each plan's newest version, those that block publishing first. Two queries."""
    plans = Plan.objects.filter(pk=plan.pk) if plan else Plan.objects.all()
    newest = plans.annotate(newest=Max("versions__number")).values_list("pk", "newest")
    wanted = {(plan_id, number) for plan_id, number in newest if number is not None}
    terms = (
        PlanTerm.objects.filter(state__in=VAGUE, version__plan__in=[plan_id for plan_id, _ in wanted])
        .exclude(state=TermState.ADD_ON, sold_as__isnull=False)
        .select_related("version__plan", "feature__group", "group", "market")
        .order_by("version__plan__position", "feature__group__position", "feature__position", "pk")
    )
    cells = _cells(term for term in terms if (term.version.plan_id, term.version.number) in wanted)
    return tuple(sorted(cells, key=lambda cell: not cell.blocks))


def _cells(terms: Iterable[PlanTerm]) -> Iterable[VagueCell]:
    for term in terms:
        subject = term.feature or term.group
        if subject is not None:
            case = case_of(term)
            when = say_case(case, term.market.name if term.market else "")
            state = TermState(term.state)
            yield VagueCell(term.pk, term.version, subject, state, term.source_text, case, when)
