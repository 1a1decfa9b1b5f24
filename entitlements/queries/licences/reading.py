"""What is known of one licence, as values: the only bridge from its rows to `domain/licences`."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from catalog.domain.values import UNLIMITED
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.holdings import Holdings
from entitlements.domain.licences.activations import ActivationFact
from entitlements.domain.licences.maintenance import plain_version
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.domain.licences.standing import LicenceFacts, Ruling, standing_alone
from entitlements.domain.phases import next_standing, standing_at
from entitlements.domain.resolution import earliest
from entitlements.domain.resolve import resolve_some
from entitlements.models.licence import Licence, LicenceActivation, LicencePolicy, Release
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_facts

STEPS = 50  # changes ahead that are looked at; no file lasts beyond the last of them


def facts_of(licence: Licence, at: datetime, *, catalog: CatalogSnapshot | None = None) -> LicenceFacts:
    """What decides about the licence at the instant, by the rows."""
    account = snapshot_facts(licence.account_id, reader=Reader(), catalog=catalog)
    return facts_in(account, licence, at)


def facts_in(account: Facts, licence: Licence, at: datetime) -> LicenceFacts:
    """The same, where the account's facts were read already."""
    policy = licence.policy
    gives, gives_until = _gives(account, licence, at)
    limit, limit_until = _limit(account, policy, at)
    return LicenceFacts(
        prefix=licence.prefix,
        zone=account.zone,
        environment=licence.environment,
        expires_at=licence.expires_at,
        through_on=licence.through_on,
        maintenance_until=licence.maintenance_until,
        suspended_at=licence.suspended_at,
        revoked_at=licence.revoked_at,
        standing=standing_at(account, at=at),
        gives=gives,
        until=earliest(next_standing(account, after=at), gives_until, limit_until),
        bound_to=BoundTo(policy.bound_to),
        limit=limit,
        overage=Overage(policy.overage),
        heartbeat=None if policy.heartbeat_seconds is None else timedelta(seconds=policy.heartbeat_seconds),
        validations_a_month=policy.validations_a_month,
        offline_days=policy.offline_days,
        activations=activations_of(licence),
        releases={} if licence.maintenance_until is None else releases_of(policy),
    )


def known_end(account: Facts, licence: Licence, *, at: datetime, until: datetime) -> datetime | None:
    """The first instant before `until` at which it is known to be good no more: a trial that lapses, a subscription
    that ends or is paused, an account that is to be closed. None: nothing is known to end it."""
    moment = at
    for _ in range(STEPS):
        change = earliest(_gives(account, licence, moment)[1], next_standing(account, after=moment))
        if change is None or change >= until:
            return None
        moment = change
        if standing_at(account, at=moment) is not Standing.OPEN or not _gives(account, licence, moment)[0]:
            return moment
    return moment


def standing_now(licence: Licence, at: datetime) -> Ruling:
    """Of the licence itself, wherever it runs: `valid`, `code`, `because`."""
    return standing_alone(facts_of(licence, at), at=at)


def activations_of(licence: Licence) -> tuple[ActivationFact, ...]:
    """Those that aren't released, silent or not. Whoever runs by a file needn't be heard of until its end."""
    rows = LicenceActivation.objects.filter(licence_id=licence.pk, released_at=None).select_related("heartbeat")
    return tuple(
        ActivationFact(row.fingerprint, row.activated_at, _heard_at(row), row.pk, row.name)
        for row in rows.annotate(file_until=Max("files__expires_at")).order_by("activated_at", "pk")
    )


def _heard_at(row: Any) -> datetime:
    heartbeat = getattr(row, "heartbeat", None)
    known = (row.activated_at, None if heartbeat is None else heartbeat.at, row.file_until)
    return max(at for at in known if at is not None)


def releases_of(policy: LicencePolicy) -> dict[str, date]:
    rows = Release.objects.filter(policy=policy).values_list("version", "released_on")
    return {plain_version(version): released_on for version, released_on in rows}


def _gives(account: Facts, licence: Licence, at: datetime) -> tuple[bool, datetime | None]:
    """Whether the subscription it hangs on gives anything, and until when that is sure."""
    if licence.subscription_id is None:
        return True, None
    subscription = str(licence.subscription_id)
    begins = _begins(account, licence, subscription)
    if begins is not None and at < begins:
        return False, begins
    holdings = Holdings(account, at)
    return holdings.subscription_gives(subscription), holdings.subscription_end(subscription)


def _begins(account: Facts, licence: Licence, subscription: str) -> datetime | None:
    """When the purchase that it came with begins, which may have been planned for a later day. None: it came with none;
    what was bought once may have been changed for something else since, and the licence goes on with that."""
    plan = licence.policy.plan
    if plan is None:
        return None
    starts = [one.window.start for one in account.items if one.subscription == subscription and one.plan == plan.key]
    known = [start for start in starts if start is not None]
    return min(known) if len(known) == len(starts) and starts else None


def _limit(account: Facts, policy: LicencePolicy, at: datetime) -> tuple[int | None, datetime | None]:
    """How many places were bought, and until when; without the feature, none were."""
    if policy.activation_feature is None:
        return policy.activation_limit, None
    key = policy.activation_feature.key
    answer = resolve_some(account, (key,), at=at)[key]
    if not answer.granted:
        return 0, answer.valid_until
    return None if answer.value is UNLIMITED else int(answer.value), answer.valid_until  # type: ignore[arg-type]
