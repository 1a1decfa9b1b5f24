"""Is this account covered at this moment, on this device and by this channel, how fast, until when and why.

Who decides is asked of `covering`, and of nobody else. Nothing here writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.explain import say
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.phases import standing_at
from entitlements.domain.resolve import Resolution
from entitlements.models import Account
from entitlements.queries.check import memory
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_facts
from support.domain.case_events import Channel
from support.domain.cover_reasons import channel_words
from support.domain.coverage import Coverage, CoverState, Promise, coverage
from support.domain.covers import Choice
from support.models import Asset, Holiday
from support.queries.allowances.balances import BalanceLine, balances_of
from support.queries.answers import ChannelLine, CoverAnswer, DeviceLine, Ending, Manager, Offer, Relative
from support.queries.coverage_lines import (
    Hours,
    candidate_lines,
    channel_line,
    hours_lines,
    reaching_devices,
    share_lines,
    target_lines,
)
from support.queries.covering import About, Covering, covering
from support.queries.covering_again import choices_ahead, on_channel
from support.queries.devices import device_line
from support.queries.instants import say_end, say_instant
from support.queries.offers import offers_for
from support.queries.plans_held import plans_held
from support.queries.service_history import service_history
from support.queries.what_is_left import left_in_a_line, prepaid_lines
from support.snapshots import SUPPORT_TIER, snapshot_calendars
from support.snapshots.policies import promises_by_channel

MOST_CHILDREN, MOST_COUNTED = 5, 500
ByChannel = Mapping[str, Mapping[str, Promise]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question with everything that was read for it; the answer is worked out from this alone."""

    account: Account
    at: datetime
    channel: Channel | None
    found: Covering
    promises: ByChannel
    calendars: Hours
    balances: list[BalanceLine]

    def cover(self, choice: Choice, *, channel: Channel | None) -> Coverage:
        """The tier of whoever decides, met by what is promised for it on the channel."""
        return cover_by(choice, found=self.found, promises=self.promises, channel=channel, at=self.at)


def coverage_of(
    *, account: Account, at: datetime, asset: Asset | None = None, channel: Channel | None = None
) -> CoverAnswer:
    """The whole answer for one account; the number of reads grows neither with accounts, devices nor cases."""
    catalog = memory.catalog()
    # with the billing periods, by which a plan's credits come again
    facts = snapshot_facts(account.pk, reader=Reader(), catalog=catalog, billing=True)
    about = About(asset=asset, channel=channel and channel.value)
    found = covering(account, at=at, about=about, facts=facts, billed=True, catalog=catalog)
    asked = Asked(
        account=account,
        at=at,
        channel=channel,
        found=found,
        promises=promises_by_channel(at=at, versions=found.policies),
        calendars=snapshot_calendars(zone=account.zone, country=account.country, at=at),
        balances=balances_of(account, at, facts=facts) if found.prepaid else [],
    )
    return _answer(asked, asset=asset, catalog=catalog)


def _answer(asked: Asked, *, asset: Asset | None, catalog: CatalogSnapshot) -> CoverAnswer:
    account, at, found, channel = asked.account, asked.at, asked.found, asked.channel
    choice, zone = found.choice, account.zone
    cover = asked.cover(choice, channel=channel)
    device = None if asset is None else device_line(asset)
    covered = cover.state is not CoverState.NOT_COVERED
    partly = () if covered or asset is not None else reaching_devices(choice, at=at, channel=channel)
    children, more = _children(account)
    return CoverAnswer(
        account=account.key,
        account_name=account.name,
        country=account.country,
        zone=zone,
        at=at,
        local_time=say_instant(at, now=at, zone=zone),
        device=device,
        channel=None if channel is None else channel.value,
        channel_words="" if channel is None else channel.words,
        state=cover.state,
        verdict=_verdict(cover, channel=channel, device=device, partly=partly),
        partly=partly,
        headline=cover.headline,
        tier=cover.tier,
        tier_name=cover.tier_name,
        covered_by=choice.response.name if covered and choice.response is not None else "",
        plans=plans_held(found.facts, at=at, zone=zone),
        targets=tuple(target_lines(cover, asked.calendars, at=at, zone=zone)),
        hours=tuple(hours_lines(cover, asked.calendars, at=at, zone=zone)),
        caution=_caution(account, cover, asked.calendars, at=at),
        channels=tuple(_channels(asked)),
        left=left_in_a_line(asked.balances, channel=channel and channel.value),
        prepaid=prepaid_lines(asked.balances),
        shares=share_lines(choice),
        authorisation=choice.authorisation,
        ends=_ending(asked, cover),
        why=cover.why,
        candidates=candidate_lines(choice, tiers=_tier_names(found.facts)),
        because=() if found.held is None else tuple(say(found.held, zone=zone)),
        offers=() if covered else _offers(asked, catalog=catalog),
        manager=_manager(account),
        parent=None if account.parent is None else Relative(account.parent.key, account.parent.name),
        children=children,
        more_children=more,
        history=service_history(account, asset=asset, at=at),
    )


def cover_of(
    facts: Facts, held: Resolution | None, promises: Mapping[str, Promise], *, at: datetime
) -> Coverage:  # fmt: skip
    """The tier that was resolved, met by what is promised for it."""
    tier = held.value if held is not None and held.granted and isinstance(held.value, str) else None
    label = facts.features[SUPPORT_TIER].shape.label(tier) if tier is not None else ""
    return coverage(tier=tier, promises=promises, tier_name=label, standing=standing_at(facts, at=at))


def cover_by(
    choice: Choice, *, found: Covering, promises: ByChannel, channel: Channel | None, at: datetime
) -> Coverage:  # fmt: skip
    """The tier of whoever decides the response, met by what is promised for it; or why nobody does."""
    winner = choice.response
    tier = None if winner is None else winner.tier
    by_tier = {key: by.get(channel or "", by[""]) for key, by in promises.items()}
    label = _tier_names(found.facts).get(tier or "", "")
    cover = coverage(tier=tier, promises=by_tier, tier_name=label, standing=standing_at(found.facts, at=at))
    return Coverage(cover.state, cover.tier, cover.tier_name, cover.targets, _why(cover, choice), cover.offers)


def _why(cover: Coverage, choice: Choice) -> str:
    """With whoever covers, where that isn't the customer's plan; with who would, where nobody does."""
    winner = choice.response
    if cover.state is not CoverState.NOT_COVERED:
        return cover.why if winner is None or winner.key == "tier" else f"{cover.why} Covered by {winner.name}."
    lost = [one for one in choice.candidates if not one.kept and one.cover.tier is not None]
    return " ".join([cover.why, *(f"{one.cover.name}: {one.reason}" for one in lost[:2])])


def _tier_names(facts: Facts) -> dict[str, str]:
    known = facts.features.get(SUPPORT_TIER)
    return {} if known is None else {choice.key: known.shape.label(choice.key) for choice in known.shape.choices}


def _verdict(
    cover: Coverage, *, channel: Channel | None, device: DeviceLine | None, partly: tuple[str, ...]
) -> str:  # fmt: skip
    """ "Covered for phone support on Pump SN-1"; where nothing was named, how far the cover goes."""
    if channel is None and device is None and not partly:
        return cover.headline
    words = ["Not covered" if cover.state is CoverState.NOT_COVERED and not partly else "Covered"]
    if channel is not None:
        words.append(f"for {channel_words(channel)} support")
    if partly:
        words.append("on some devices only")
    if device is not None:
        words.append(f"on {device.words}")
    return " ".join(words)


def _channels(asked: Asked) -> list[ChannelLine]:
    lines = []
    for channel in Channel:
        choice = on_channel(asked.found, channel)
        cover = asked.cover(choice, channel=channel)
        hours = tuple(hours_lines(cover, asked.calendars, at=asked.at, zone=asked.account.zone))
        own = channel is asked.channel
        lines.append(channel_line(channel, cover, choice, asked=own, hours=hours, balances=asked.balances))
    return lines


def _caution(account: Account, cover: Coverage, calendars: Hours, *, at: datetime) -> str:
    """A due time that overlooks a holiday is a wrong promise: say when none could be known."""
    used = [calendars[target.calendar] for target in cover.targets if target.calendar is not None]
    if not any(named.keeps_country_holidays for named in used):
        return ""
    if not account.country:
        return "The customer's country is not on file, so no public holidays were counted."
    if Holiday.objects.filter(country=account.country, on__gte=at.date(), withdrawn_at__isnull=True).exists():
        return ""
    return f"No public holidays of {account.country} are on file for the time ahead, so none were counted."


def _ending(asked: Asked, now: Coverage) -> Ending | None:
    """The first later moment at which the tier is another: an end that changes nothing is no news to support."""
    for moment, choice in choices_ahead(asked.found, at=asked.at):
        then = cover_by(choice, found=asked.found, promises=asked.promises, channel=asked.channel, at=moment)
        if then.tier != now.tier:
            words = say_end(moment, now=asked.at, zone=asked.account.zone)
            return Ending(at=moment, words=words, then=_words_of(then))
    return None


def _words_of(cover: Coverage) -> str:
    return cover.headline if cover.tier is None else f"{cover.headline} ({cover.tier_name})"


def _offers(asked: Asked, *, catalog: CatalogSnapshot) -> tuple[Offer, ...]:
    """Nothing is offered to an account that isn't open."""
    if standing_at(asked.found.facts, at=asked.at) is not Standing.OPEN:
        return ()
    promises = {tier: by[""] for tier, by in asked.promises.items()}
    return offers_for(asked.account, facts=asked.found.facts, catalog=catalog, promises=promises, at=asked.at)


def _manager(account: Account) -> Manager | None:
    owner = account.owner
    return None if owner is None else Manager(owner.get_full_name() or owner.get_username(), owner.email)


def _children(account: Account) -> tuple[tuple[Relative, ...], int]:
    """The first few that belong to it by name, and how many more do.

    Two reads, the first of an index alone: in a desk without families SQLite takes that index for a useless one.
    """
    ids = list(Account.objects.filter(parent=account).order_by().values_list("pk", flat=True)[:MOST_COUNTED])
    rows = Account.objects.filter(pk__in=ids).order_by("name", "pk")[:MOST_CHILDREN]
    return tuple(Relative(row.key, row.name) for row in rows), max(0, len(ids) - MOST_CHILDREN)
