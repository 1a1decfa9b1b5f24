"""One of each thing, so that every page of the desk has something to show."""

from datetime import date, timedelta

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from catalog.actions.drafts import open_draft
from catalog.models import FeatureGroup
from entitlements.actions.overrides import grant
from entitlements.domain.facts import Mode
from entitlements.models import ConcessionPolicy, EntitlementChange
from journal.actions.api_keys import issue
from journal.actions.audit import seal
from journal.actions.notices import tell
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.models import Approval, AuditEvent, AuditSeal, Notice, Outbound, Staff
from support.actions.calendars import create_calendar, import_holidays
from support.models import Holiday, Severity, SlaPolicy, SlaTarget
from tests.catalog.factories import MarketFactory
from tests.conftest import actor
from tests.entitlements.world import GB, account, catalog, policy, subscribed
from tests.support.world import the_promise


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
        "catalog_market": MarketFactory().pk,
        "catalog_plan": world.team.pk,
        "catalog_planversion": world.team.versions.earliest("number").pk,
        "entitlements_account": acme.pk,
        "entitlements_override": override.pk,
        "entitlements_concessionpolicy": ConcessionPolicy.objects.first().pk,
        "entitlements_entitlementchange": EntitlementChange.objects.first().pk,
    }
    names |= _of_the_journal() | _of_support()
    return names | _versions(names)


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
        "journal_approval": Approval.objects.get().pk,
        "journal_auditevent": AuditEvent.objects.get(verb="override:grant").pk,
        "journal_auditseal": AuditSeal.objects.first().pk,
        "journal_notice": Notice.objects.first().pk,
        "journal_outbound": Outbound.objects.first().pk,
        "journal_apikey": key.pk,
        "journal_staff": member.pk,
    }


def _of_support() -> dict[str, object]:
    now = timezone.now()
    the_promise()
    calendar = create_calendar(key="office", name="Office", by=SYSTEM, at=now)
    import_holidays(country="NL", years=[2026], by=SYSTEM, at=now)
    return {
        "support_businesscalendar": calendar.pk,
        "support_holiday": Holiday.objects.first().pk,
        "support_severity": Severity.objects.first().pk,
        "support_slapolicy": SlaPolicy.objects.first().pk,
        "support_slatarget": SlaTarget.objects.first().pk,
    }
