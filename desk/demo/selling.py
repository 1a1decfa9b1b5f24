"""What the desk sells beside the plans of the price page, and where: AI requests, addresses, a package, bundles, codes."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.actions.billing_links import Named, set_links
from catalog.actions.bundles import create_bundle
from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.dimensions import add_dimension
from catalog.actions.drafts import open_draft
from catalog.actions.features import create_feature
from catalog.actions.groups import create_group
from catalog.actions.markets import launch
from catalog.actions.plans import create_plan, set_price
from catalog.actions.promo_codes import CodeTerms, create_code
from catalog.actions.publishing import publish
from catalog.actions.rules import set_rules
from catalog.domain.choice_lines import Weighed
from catalog.domain.fallbacks import Fallback, Fallbacks, UseEffect
from catalog.domain.rollouts import Audience
from catalog.domain.rules import FeatureRules, Threshold, Told, rules_of
from catalog.domain.values import Aggregation, Better, ConfigType, FeatureShape, Kind, PlanKind, Reset
from catalog.models import Feature, FeatureGroup, Market, Plan, PlanPrice, PlanVersion
from catalog.models.billing import Mode
from catalog.models.market import MarketUse
from catalog.models.offer import Gift
from catalog.models.plan import Interval
from catalog.queries.billing import Slot, links_token
from journal.domain.actor import Actor

DOLLAR = 1_000_000  # prices are kept in millionths
DAY = timedelta(days=1)

AI = FeatureShape("ai_requests", "AI requests", Kind.METERED, unit="request", aggregation=Aggregation.SUM)
AI_RULES = FeatureRules(
    default_reset=Reset.BILLING,
    fallbacks=Fallbacks(effect=UseEffect.IRREVERSIBLE, paying=Fallback.LAST_KNOWN, seconds=900),
    thresholds=(Threshold(75, Told.CUSTOMER), Threshold(95, Told.BOTH)),
    buffer_percent=5,
)
MODELS = (Weighed("small", "Small model"), Weighed("large", "Large model", 5000))
CONTEXTS = (Weighed("short", "Up to 32,000 tokens"), Weighed("long", "Longer", 2000))
ADDRESSES = FeatureShape("ipv4_addresses", "IPv4 addresses", Kind.CAPACITY, unit="address")
PREMIUM = (
    FeatureShape("phone_support", "Phone support, day and night", Kind.GATE),
    FeatureShape(
        "first_answer",
        "First answer",
        Kind.CONFIG,
        unit="hour",
        scale=3600,
        config_type=ConfigType.DURATION,
        better=Better.LESS,
    ),
    FeatureShape("incident_reviews", "Incident reviews", Kind.METERED, unit="review", aggregation=Aggregation.SUM),
    FeatureShape("named_engineer", "Named engineer", Kind.GATE),
)
# add-on, name, dollars a month, its cells: a feature, or a group whose every feature the text speaks for
SOLD = (
    ("ipv4", "IPv4 address", 4, (("ipv4_addresses", "1 per unit"),)),
    ("ai_pack", "AI pack", 20, (("ai_requests", "5,000 a billing period per unit"),)),
    ("gold_support", "Gold support", 500, (("premium_services", "Unlimited"), ("first_answer", "2 hours"))),
)
BUNDLED = ("pitr", "phone_mfa", "log_drain", "hipaa", "custom_domain")


def widen_the_catalog(*, by: Actor, at: datetime, opens_at: datetime) -> None:
    """What came after the price page: features with dimensions, a package, and the add-ons that sell them."""
    assistant = create_group(key="ai", name="AI", by=by, at=at)
    requests = create_feature(shape=AI, group=assistant, rules=AI_RULES, by=by, at=at)
    add_dimension(feature=requests, key="model", name="Model", choices=MODELS, by=by, at=at)
    add_dimension(feature=requests, key="context", name="Context", choices=CONTEXTS, by=by, at=at)
    create_feature(shape=ADDRESSES, group=FeatureGroup.objects.get(name="Database"), by=by, at=at)
    support = FeatureGroup.objects.get(name="Support")
    premium = create_group(key="premium_services", name="Premium services", parent=support, by=by, at=at)
    for shape in PREMIUM:
        rules = FeatureRules(default_reset=Reset.MONTH) if shape.kind is Kind.METERED else None
        create_feature(shape=shape, group=premium, rules=rules, by=by, at=at)
    for key, name, dollars, cells in SOLD:
        plan = create_plan(key=key, name=name, kind=PlanKind.ADD_ON, by=by, at=at)
        if key == "ai_pack":  # its launch comes before its first version, else it would be had everywhere
            _launch(plan, by=by, at=at, opens_at=opens_at)
        put_on_sale(plan, dollars, cells, by=by, at=at)


def put_on_sale(plan: Plan, dollars: int, cells: Collection[tuple[str, str]], *, by: Actor, at: datetime) -> None:
    draft = open_draft(plan=plan, by=by, at=at)
    writes = [CellWrite(version=draft, subject=_subject(subject), text=text) for subject, text in cells]
    edits = write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=by, at=at)[draft.pk]
    set_price(version=draft, amount_micros=dollars * DOLLAR, edits=edits, by=by, at=at)
    draft = PlanVersion.objects.get(pk=draft.pk)
    told: dict[str, Any] = {"by": by, "at": at, "reason": f"{plan} goes on sale."}
    publish(version=draft, audience=Audience.NEW_CUSTOMERS, effective_at=None, edits=draft.edits, **told)


def _subject(key: str) -> Feature | FeatureGroup:
    return Feature.objects.filter(key=key).first() or FeatureGroup.objects.get(key=key)


def _launch(plan: Plan, *, by: Actor, at: datetime, opens_at: datetime) -> None:
    """It is to be had in Europe at once, and in the Americas from a day to come."""
    for key, starts_at in (("europe", None), ("americas", opens_at)):
        launch(
            market=Market.objects.get(key=key),
            thing=plan,
            uses=list(MarketUse),
            starts_at=starts_at,
            ends_at=None,
            by=by,
            at=at,
            reason="Where the models run.",
        )


def revise_rules(*, by: Actor, at: datetime, later: datetime) -> None:
    """Who is told earlier of traffic, from now; and of storage, from a day to come."""
    for key, effective_at in (("bandwidth", at), ("storage", later)):
        feature = Feature.objects.get(key=key)
        was = rules_of(feature.revisions.filter(effective_at__lte=at).latest("effective_at"))
        rules = replace(
            was,
            fallbacks=Fallbacks(effect=UseEffect.READS, unpaid=Fallback.DENY, seconds=4 * 3600),
            thresholds=(Threshold(70, Told.CUSTOMER), Threshold(90, Told.BOTH), Threshold(100, Told.BOTH)),
        )
        told: dict[str, Any] = {"by": by, "at": at, "reason": "Customers asked to be told earlier."}
        set_rules(feature=feature, rules=rules, effective_at=effective_at, **told)


def offer_more(*, by: Actor, at: datetime, now: datetime) -> None:
    """A bundle of any 3 of 5 add-ons, and three promotional codes: for three customers, over soon, and open."""
    plans = {plan.key: plan for plan in Plan.objects.all()}
    create_bundle(
        key="security_bundle",
        name="Security bundle",
        pick=3,
        add_ons=[plans[key] for key in BUNDLED],
        note="Any three of what security teams ask for.",
        by=by,
        at=at,
    )
    storage = Feature.objects.get(key="storage")
    gigabytes = CodeTerms(
        gives=Gift.OVERRIDE, days=60, feature=storage, mode="add", value=20 * Decimal(10**9), typed_unit="GB",
        max_redemptions=3,
    )  # fmt: skip
    trial = CodeTerms(gives=Gift.TRIAL, days=14, plan=plans["team"], ends_at=now - 5 * DAY, max_redemptions=100)
    drain = CodeTerms(
        gives=Gift.ADD_ON, days=30, plan=plans["log_drain"], market=Market.objects.get(key="europe"),
        ends_at=now + 60 * DAY, max_redemptions=50,
    )  # fmt: skip
    codes = (("MORE-ROOM", "Room to grow", gigabytes), ("TRY-TEAM", "Try Team", trial), ("LOGS-OUT", "Logs out", drain))
    for code, name, terms in codes:
        create_code(code=code, name=name, terms=terms, by=by, at=at)


def link_to_billing(*, by: Actor, at: datetime) -> None:
    """Pro and Team have a name in the billing system, Pro one for trying out too; the others wait for theirs."""
    for mode, keys in ((Mode.LIVE, ("pro", "team")), (Mode.TEST, ("pro",))):
        named = [name for key in keys for name in _names(Plan.objects.get(key=key), mode)]
        set_links(mode=mode, named=named, seen=links_token(mode=mode), by=by, at=at, reason="As billing set them up.")


def _names(plan: Plan, mode: Mode) -> list[Named]:
    prices = PlanPrice.objects.filter(version__plan=plan).values_list("interval", "currency")
    ids = f"{mode}_{plan.key}"
    return [
        Named(Slot(plan_id=plan.pk), f"product_{ids}"),
        *(
            Named(Slot(plan.pk, interval, currency), f"price_{ids}_{interval}", f"{plan.key}_{interval}")
            for interval, currency in sorted(set(prices))
        ),
    ]


def price_by_year(*, by: Actor, at: datetime) -> None:
    """Pro and Team cost ten months' money where a year is paid at once."""
    for key, dollars in (("pro", 250), ("team", 5990)):
        draft = PlanVersion.objects.get(plan__key=key, state="draft")
        year: dict[str, Any] = {"interval": Interval.YEAR, "amount_micros": dollars * DOLLAR}
        set_price(version=draft, edits=draft.edits, by=by, at=at, **year)
