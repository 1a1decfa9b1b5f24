"""Finance at work on the real price page: imports it, settles what it leaves vague, publishes all plans."""

from datetime import datetime
from pathlib import Path

import catalog
import support
from catalog.actions.drafts import open_draft
from catalog.actions.plans import create_plan, set_trial
from catalog.actions.price_page import import_page
from catalog.actions.publishing import publish
from catalog.actions.terms import name_add_on, set_term, settle
from catalog.domain.declarations import read_declarations
from catalog.domain.matrix import read_matrix
from catalog.domain.plan_list import read_plans
from catalog.domain.rollouts import Audience
from catalog.domain.values import PlanKind, TermState
from catalog.models import Feature, Plan, PlanTerm, PlanVersion
from catalog.models.plan import VersionState
from journal.domain.actor import SYSTEM, Actor
from support.actions.promise_import import import_promise
from support.actions.promise_sheet import read_promise_sheet

PAGE = Path(catalog.__file__).parent / "data" / "supabase"
PROMISE = Path(support.__file__).parent / "data" / "supabase"

SETTLED = {
    "Coming soon": ("no", "It isn't there yet; nobody may rely on it."),
    "Volume discounts on messages": ("Custom", "Agreed with each customer."),
    "yes": ("Custom", "The page names no length; it is agreed with each customer."),
}
TIERS = {"free": "Community only", "pro": "E-mail, no promised time", "team": "Standard", "enterprise": "Priority Plus"}
ADD_ONS = {
    "point_in_time_recovery": ("pitr", "Point in time recovery", "yes"),
    "multi_factor_auth_phone": ("phone_mfa", "Phone MFA", "yes"),
    "log_drain": ("log_drain", "Log drain", "yes"),
    "hipaa": ("hipaa", "HIPAA", "yes"),
    "custom_domains": ("custom_domain", "Custom domain", "1 per unit"),
}
TRIALS = {"pro": (14, "free"), "team": (30, None)}


def import_all(*, by: Actor, at: datetime) -> None:
    """The price page and the support promise, as finance and support import them from their files."""
    declarations = read_declarations((PAGE / "features.csv").read_bytes())
    plans = read_plans((PAGE / "plans.csv").read_bytes())
    matrix = read_matrix(
        (PAGE / "plan_matrix.csv").read_bytes(),
        declarations=declarations,
        known_plans=[plan.name for plan in plans],
    )
    import_page(matrix=matrix, plans=plans, by=by, at=at)
    import_promise(sheet=read_promise_sheet((PROMISE / "support_targets.csv").read_bytes()), by=SYSTEM, at=at)


def settle_page(*, by: Actor, at: datetime) -> None:
    """Every cell the page left open is decided, each by an act with its reason."""
    add_ons = _create_add_ons(by=by, at=at)
    for term in PlanTerm.objects.filter(state__in=[TermState.UNSETTLED, TermState.ADD_ON]).select_related(
        "feature", "version__plan"
    ):
        if term.version.state == VersionState.DRAFT:
            _settle(term, add_ons, by=by, at=at)


def _settle(term: PlanTerm, add_ons: dict[str, Plan], *, by: Actor, at: datetime) -> None:
    assert term.feature is not None  # the price page has no terms on groups
    edits = PlanVersion.objects.get(pk=term.version_id).edits
    if term.state == TermState.ADD_ON:
        name_add_on(term=term, add_on=add_ons[term.feature.key], edits=edits, by=by, at=at)
        return
    if term.feature.key == "support_tier":
        reading, reason = TIERS[term.version.plan.key], "The support promise of the plan."
    else:
        reading, reason = SETTLED[term.source_text]
    settle(term=term, reading=reading, edits=edits, reason=reason, by=by, at=at)


def _create_add_ons(*, by: Actor, at: datetime) -> dict[str, Plan]:
    made = {}
    for feature_key, (key, name, gives) in ADD_ONS.items():
        plan = create_plan(key=key, name=name, kind=PlanKind.ADD_ON, by=by, at=at)
        draft = open_draft(plan=plan, by=by, at=at)
        set_term(
            version=draft, feature=Feature.objects.get(key=feature_key), reading=gives, edits=draft.edits, by=by, at=at
        )
        made[feature_key] = plan
    return made


def publish_all(*, by: Actor, at: datetime) -> None:
    """All drafts go on sale: add-ons first, since the plans point to them."""
    for key, (days, after) in TRIALS.items():
        draft = PlanVersion.objects.get(plan__key=key, state=VersionState.DRAFT)
        after_trial = None if after is None else Plan.objects.get(key=after)
        set_trial(version=draft, trial_days=days, after_trial=after_trial, edits=draft.edits, by=by, at=at)
    drafts = PlanVersion.objects.filter(state=VersionState.DRAFT).order_by("-plan__kind", "plan__position")
    for draft in sorted(drafts, key=lambda version: version.plan.kind != PlanKind.ADD_ON):
        publish(
            version=draft,
            audience=Audience.NEW_CUSTOMERS,
            effective_at=None,
            edits=draft.edits,
            by=by,
            at=at,
            reason="The price page as published.",
        )
