"""One of each thing, so that every page of the desk has something to show."""

from datetime import date, datetime, timedelta

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from catalog.actions.drafts import open_draft
from catalog.models import FeatureGroup, Rollout
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.dispute_packs import make_pack
from entitlements.actions.overrides import grant
from entitlements.actions.periods import record_period
from entitlements.domain.facts import Mode
from entitlements.models import Account, BillingPeriod, Cohort, ConcessionPolicy, EntitlementChange, Subscription
from journal.actions.api_keys import issue
from journal.actions.audit import seal
from journal.actions.connections import renew_secret
from journal.actions.connections import set_up as connect
from journal.actions.notices import tell
from journal.actions.webhooks.endpoints import set_up
from journal.actions.webhooks.replaying import ping
from journal.domain import connection as connecting
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.models import Approval, AuditEvent, AuditSeal, Job, Notice, Outbound, Staff
from journal.queries.webhooks import webhook_id
from support.actions.calendars import Hours, OpenHours, create_calendar, draft_hours, set_hours
from support.actions.covers.amending import end_cover
from support.actions.holidays import import_holidays
from support.actions.intake.editing import set_intake
from support.domain.case_events import EventKind
from support.models import Case, Holiday, Severity, SlaPolicy
from tests.catalog.factories import (
    BillingLinkFactory,
    DimensionFactory,
    FeatureRevisionFactory,
    MarketFactory,
    MarketWindowFactory,
)
from tests.catalog.imports.bringing import staged
from tests.conftest import actor
from tests.desk.mapped import one_of_each_mapping
from tests.desk.synced import one_of_each_record
from tests.entitlements.agreed import one_of_each
from tests.entitlements.crediting import with_credits
from tests.entitlements.factories import (
    BilledFeatureFactory,
    BilledSubscriptionFactory,
    BillingFindingFactory,
    FeaturesToldFactory,
    ReasonCodeFactory,
    ReminderFactory,
    RenewalFactory,
)
from tests.entitlements.lending import lent
from tests.entitlements.licensing import with_licences
from tests.entitlements.lives import lives
from tests.entitlements.seating import seated
from tests.entitlements.shop import sold_to
from tests.entitlements.usage_factories import used_up
from tests.entitlements.world import GB, account, catalog, policy, subscribed
from tests.fakes import console
from tests.journal.factories import ConnectionRefusalFactory, InboundAttemptFactory, InboundFactory
from tests.remembered import remembered
from tests.support.equipment import one_of_each_asset
from tests.support.factories import (
    AccountHealthFactory,
    AllowanceFactory,
    CaseEventFactory,
    CaseFactory,
    CasePromiseFactory,
    CoverFactory,
    IntakeDecisionFactory,
    TeamFactory,
    VisitFactory,
    WorkItemFactory,
)
from tests.support.intake_world import a_route, an_article
from tests.support.time_world import one_of_each_time
from tests.support.world import the_promise


@remembered
def everything() -> dict[str, object]:
    """The arguments of every address in the permission table, by name."""
    now = timezone.now()
    world = catalog()
    acme = account(at=now - timedelta(days=9))
    trial = subscribed(acme, world.team, at=now - timedelta(days=8), trial_days=30)
    policy()
    soon = (now + timedelta(days=20)).date()
    override = _granted(acme, world.storage, 20 * GB, through=soon)
    _granted(acme, world.storage, 900 * GB, through=soon)
    names = {
        "account": acme.key,
        "number": trial.number,
        "feature_key": "storage",
        "standing": "closed",
        "plan": world.free.pk,
        "draft": open_draft(plan=world.team, by=SYSTEM, at=now).pk,
        "feature": world.storage.pk,
        "content_type": ContentType.objects.get_for_model(FeatureGroup).pk,
        "nothing": 0,
        "catalog_feature": world.storage.pk,
        "catalog_featuregroup": world.storage.group_id,
        "catalog_importrun": staged("markets", "key,name,countries\nnordics,Nordics,SE\n", at=now).pk,
        "import_step": "apply",
        "import_kind": "markets",
        "file_form": "csv",
        "catalog_billinglink": BillingLinkFactory(feature=world.sso).pk,
        "dimension": DimensionFactory(feature=world.storage).pk,
        "revision": FeatureRevisionFactory(feature=world.storage, effective_at=now + timedelta(days=9)).pk,
        "catalog_market": MarketFactory().pk,
        "market_window": MarketWindowFactory(plan=world.free).pk,
        "limited_thing": f"plan-{world.free.pk}",
        "catalog_plan": world.team.pk,
        "catalog_planversion": world.team.versions.earliest("number").pk,
        "rollout": Rollout.objects.filter(version__plan=world.team).earliest("pk").pk,
        "held_item": trial.items.earliest("pk").pk,
        "entitlements_account": acme.pk,
        "entitlements_override": override.pk,
        "entitlements_loan": lent(feature=world.sso, account=acme, at=now, through_on=soon).pk,
        "catalog_rollout": Rollout.objects.filter(version__plan=world.team).earliest("pk").pk,
        "entitlements_cohort": _a_cohort(acme).pk,
        "entitlements_billingperiod": _a_period(trial).pk,
        "entitlements_concessionpolicy": ConcessionPolicy.objects.first().pk,
        "entitlements_reasoncode": ReasonCodeFactory(retired_at=now).pk,
        "entitlements_entitlementchange": EntitlementChange.objects.first().pk,
        "entitlements_reminder": ReminderFactory().pk,
        "entitlements_renewal": RenewalFactory(account=acme).pk,
    }
    names |= sold_to(acme, world, at=now) | lives(world, at=now)
    names |= one_of_each(acme, world.team, at=now)
    names["dispute_pack"] = _a_pack(acme)
    names |= seated(acme, world.seats, at=now)
    names |= used_up(acme, world.seats, at=now) | with_credits(acme, at=now)
    names |= with_licences(acme, at=now)
    names |= _of_the_journal() | _of_webhooks() | _of_connections() | _of_support()
    names |= one_of_each_asset(acme, at=now)
    names |= one_of_each_time(acme, at=now)
    names |= one_of_each_mapping(at=now)
    names |= one_of_each_record(acme, at=now)
    return names | _versions(names)


def _a_pack(acme: Account) -> object:
    now = timezone.now()
    days = {"from_on": (now - timedelta(days=5)).date(), "through_on": now.date()}
    return make_pack(account=acme, reason="Ticket 7", by=SYSTEM, at=now, **days).event.pk


def _a_cohort(acme: Account) -> Cohort:
    return create_cohort(key="early", name="Early birds", accounts=[acme], by=SYSTEM, at=timezone.now())


def _a_period(subscription: Subscription) -> BillingPeriod:
    begun = subscription.starts_at
    month = begun + timedelta(days=30)
    return record_period(subscription=subscription, starts_at=begun, ends_at=month, by=SYSTEM, at=timezone.now())


def _versions(names: dict[str, object]) -> dict[str, object]:
    """A row of history for each model that has some, by the model's name."""
    models = ((name, name.split("_", 1)) for name in names if name.count("_") == 1)
    known = {model._meta.label_lower: model for model in apps.get_models() if hasattr(model, "history")}
    return {
        f"{name}_version": known[".".join(label)].history.filter(id=names[name]).latest().pk
        for name, label in models
        if ".".join(label) in known
    }


def _granted(acme: object, storage: object, amount: object, *, through: date) -> object:
    sales = Actor(
        kind=ActorKind.STAFF,
        key="staff:0",
        name="Someone",
        roles=frozenset({"sales"}),
        permissions=actor("sales").permissions,
    )
    return grant(
        account=acme,
        feature=storage,
        mode=Mode.ADD,
        value=amount,
        through_on=through,
        reason="Migration",
        by=sales,
        at=timezone.now(),
    )


def _of_the_journal() -> dict[str, object]:
    now = timezone.now()
    tell(recipient="ana@desk.example", subject="Ended", body="It ended.", once_key="one", kind="test", at=now)
    Outbound.objects.update(state="doubtful")
    key, _plain = issue(name="Shop", scopes=["entitlements:read"], expires_at=None, by=SYSTEM, at=now)
    seal(at=now)
    member = Staff.objects.create(username="leaver", email="leaver@desk.example", is_staff=True)
    return {
        "journal_approval": Approval.objects.earliest("pk").pk,
        "journal_auditevent": AuditEvent.objects.get(verb="override:grant").pk,
        "journal_auditseal": AuditSeal.objects.first().pk,
        "journal_notice": Notice.objects.first().pk,
        "journal_outbound": Outbound.objects.first().pk,
        "journal_job": Job.objects.create(
            kind="counting", title="Counting", asked_at=now, asked_by_key="desk", asked_by_name="The desk"
        ).pk,
        "journal_apikey": key.pk,
        "journal_staff": member.pk,
    }


def _of_webhooks() -> dict[str, object]:
    """Made last but one, so that it is told of nothing but the test of it."""
    now = timezone.now()
    endpoint, _secret = set_up(url="https://shop.example/hook", by=SYSTEM, at=now)
    message = ping(endpoint=endpoint, by=SYSTEM, at=now)
    return {"journal_webhookendpoint": endpoint.pk, "webhook_message": webhook_id(message)}


def _of_connections() -> dict[str, object]:
    """One that does well, with a secret just renewed, what was refused, and arrivals that need a person."""
    now = timezone.now()
    told = {"vendor": "console", "name": "Console", "mode": connecting.Mode.TEST, "settings": {"account": "ca_1"}}
    there = connect(**told, secrets={"signing": console.SIGNING, "api": console.API}, by=SYSTEM, at=now)
    renew_secret(connection=there, purpose="signing", secret="console_sign_new", by=SYSTEM, at=now)
    stuck = InboundFactory(connection=there, state="given_up", received_at=now, due_at=now, last_error="It broke.")
    InboundAttemptFactory(inbound=stuck, at=now, state="given_up")
    InboundFactory(connection=there, type="thing.lost", state="set_aside", received_at=now, due_at=now, done_at=now)
    ConnectionRefusalFactory(connection=there, first_at=now, last_at=now)
    return {
        "entitlements_billedfeature": BilledFeatureFactory(connection=there).pk,
        "entitlements_billingfinding": BillingFindingFactory(connection=there).pk,
        "entitlements_billedsubscription": BilledSubscriptionFactory(connection=there).pk,
        "entitlements_featurestold": FeaturesToldFactory(connection=there).pk,
        "journal_connection": there.pk,
        "secret_purpose": "signing",
        "former_secret": there.secrets.get(ends_at__isnull=False).pk,
        "journal_inbound": stuck.pk,
    }


def _of_support() -> dict[str, object]:
    now = timezone.now()
    the_promise()
    calendar = create_calendar(key="office", name="Office", by=SYSTEM, at=now)
    set_hours(calendar=calendar, hours=Hours((OpenHours(0, 540, 1020),)), by=SYSTEM, at=now)
    draft_hours(calendar=calendar, hours=Hours((OpenHours(0, 540, 1080),)), by=SYSTEM, at=now)
    import_holidays(country="NL", years=[2026], by=SYSTEM, at=now)
    return {
        "support_businesscalendar": calendar.pk,
        "calendar_key": calendar.key,
        "calendar_version": 1,
        "support_holiday": Holiday.objects.first().pk,
        "support_severity": Severity.objects.first().pk,
        "support_slapolicy": SlaPolicy.objects.first().pk,
        "support_team": TeamFactory().pk,
        "support_accounthealth": AccountHealthFactory().pk,
        "tier": SlaPolicy.objects.first().tier,
        "policy_version": 1,
        "support_case": (case := _a_case(at=now)).pk,
        "support_cover": CoverFactory(ends_at=now + timedelta(days=100)).pk,
        "support_cover_request": _a_change_of_a_cover(at=now),
        "support_allowance": AllowanceFactory().pk,
        "support_visit": VisitFactory().pk,
        "support_workitem": WorkItemFactory().pk,
        "support_intakedecision": IntakeDecisionFactory(case=case).pk,
        "support_intakesettings": set_intake(by=SYSTEM, at=now, sampled_percent=6).pk,
        "support_helparticle": an_article().pk,
        "support_route": a_route().pk,
        "case_number": case.number,
    }


def _a_change_of_a_cover(*, at: datetime) -> int:
    """Asked for and not decided, about a cover of its own."""
    done = end_cover(cover=CoverFactory(), ends_at=at + timedelta(days=1), by=actor("sales"), at=at, reason="Sold")
    assert done.approval is not None
    return done.approval.pk


def _a_case(*, at: datetime) -> Case:
    """Of nobody known; made of rows, so that no webhook is told of it."""
    case = CaseFactory(account=None, severity=Severity.objects.first(), opened_at=at)
    CaseEventFactory(case=case, kind=EventKind.OPENED, to=case.severity.key, at=at, recorded_at=at)
    CasePromiseFactory(case=case, starts_at=at, recorded_at=at, holidays_known_at=at)
    return case
