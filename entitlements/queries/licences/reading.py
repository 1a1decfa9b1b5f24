"""What is known of one licence, as values: the only bridge from its rows to `domain/licences`."""

from datetime import date, datetime, timedelta

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
    """Those that aren't released, silent or not."""
    rows = LicenceActivation.objects.filter(licence_id=licence.pk, released_at=None).values_list(
        "fingerprint", "activated_at", "heartbeat__at", "pk", "name"
    )
    return tuple(
        ActivationFact(fingerprint, activated_at, max(activated_at, heard_at or activated_at), pk, name)
        for fingerprint, activated_at, heard_at, pk, name in rows.order_by("activated_at", "pk")
    )


def releases_of(policy: LicencePolicy) -> dict[str, date]:
    rows = Release.objects.filter(policy=policy).values_list("version", "released_on")
    return {plain_version(version): released_on for version, released_on in rows}


def _gives(account: Facts, licence: Licence, at: datetime) -> tuple[bool, datetime | None]:
    """Whether the subscription it hangs on gives anything, and until when that is sure."""
    if licence.subscription_id is None:
        return True, None
    holdings, subscription = Holdings(account, at), str(licence.subscription_id)
    return holdings.subscription_gives(subscription), holdings.subscription_end(subscription)


def _limit(account: Facts, policy: LicencePolicy, at: datetime) -> tuple[int | None, datetime | None]:
    """How many places were bought, and until when; without the feature, none were."""
    if policy.activation_feature is None:
        return policy.activation_limit, None
    key = policy.activation_feature.key
    answer = resolve_some(account, (key,), at=at)[key]
    if not answer.granted:
        return 0, answer.valid_until
    return None if answer.value is UNLIMITED else int(answer.value), answer.valid_until  # type: ignore[arg-type]
