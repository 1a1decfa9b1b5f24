"""What a person should know about a customer before talking to it: what ends, what is unpaid, what is missing."""

from collections.abc import Iterator
from datetime import timedelta

from catalog.models import Market
from catalog.queries.instants import say_instant
from desk.in_view import AccountInView
from desk.slots import Caution, Urgency
from entitlements.admin.answers import awaiting_agreement
from entitlements.admin.licences.pages import ISSUE as ISSUE_LICENCES
from entitlements.admin.licences.pages import VIEW as VIEW_LICENCES
from entitlements.admin.licences.pages import licence_url
from entitlements.admin.licences.words import shown_key
from entitlements.admin.overrides.block import waiting_for
from entitlements.admin.pages import account_url
from entitlements.admin.usage.block import usage_url
from entitlements.admin.wording import say_end, say_left
from entitlements.domain.facts import Phase, Standing
from entitlements.domain.usage.pace import SURE
from entitlements.models import Override, SubscriptionChange, UsageForecast
from entitlements.models.override import OverrideState
from entitlements.queries.holdings import HeldSubscription
from entitlements.queries.licences.lists import unsent_keys
from entitlements.queries.usage.words import say_day

TRIAL_SOON = timedelta(days=3)
OVERRIDE_SOON = timedelta(days=14)
MOST = 5
STANDINGS = {
    Standing.SUSPENDED: "The account is suspended: only what is marked as kept is given.",
    Standing.CLOSED: "The account is closed and has nothing.",
}


def of_the_standing(view: AccountInView) -> Iterator[Caution]:
    if view.standing in STANDINGS:
        yield Caution(Urgency.NOW, STANDINGS[view.standing], account_url(view.account, part="timeline"), "Why?")


def of_its_life(view: AccountInView) -> Iterator[Caution]:
    """Where a subscription of it is about to give less, or gives nothing already."""
    url = account_url(view.account, part="subscriptions")
    for held in view.current:
        urgency, words = _about(held, view)
        if words:
            yield Caution(urgency, f"Subscription {held.number} {words}", url, "Look at it")


def _about(held: HeldSubscription, view: AccountInView) -> tuple[Urgency, str]:
    end = held.phase_ends_at
    if held.unpaid:
        return Urgency.NOW, "was not paid within its grace and gives nothing until payment comes."
    if held.phase is Phase.GRACE and end is not None:
        return Urgency.NOW, f"is unpaid: {say_left(end, at=view.now)} of its grace, {say_end(end, zone=view.zone)}."
    if held.in_trial and end is not None and end - view.now <= TRIAL_SOON:
        then = "it becomes a sale by itself" if held.with_card else f"then {held.after_trial or 'it gives nothing'}"
        said = say_end(end, zone=view.zone)
        return Urgency.SOON, f"is in trial: {say_left(end, at=view.now)}, {said}; {then}."
    if held.phase is Phase.PAUSED:
        return Urgency.SOON, "is paused."
    return Urgency.NOTE, ""


def of_overrides(view: AccountInView) -> Iterator[Caution]:
    rows = Override.objects.filter(
        account=view.account, state=OverrideState.APPROVED, revoked_at__isnull=True, starts_at__lte=view.now
    )
    ending = rows.filter(ends_at__gt=view.now, ends_at__lte=view.now + OVERRIDE_SOON)
    for row in ending.select_related("feature").order_by("ends_at")[:MOST]:
        assert row.ends_at is not None  # it was found by its end
        words = f"The override of {row.feature} ends: {say_left(row.ends_at, at=view.now)}, "
        url = account_url(view.account, part="overrides")
        yield Caution(Urgency.SOON, f"{words}{say_end(row.ends_at, zone=view.zone)}.", url, "Look at it")


def of_use(view: AccountInView) -> Iterator[Caution]:
    """Which limits will be reached before use starts again, as it was last looked at."""
    running = UsageForecast.objects.filter(account=view.account, ends_at__gt=view.now, hits_on__gte=view.now.date())
    sure = running.filter(probability_thousandths__gte=SURE * 1000).select_related("feature").order_by("hits_on", "pk")
    for row in sure[:MOST]:
        assert row.hits_on is not None  # it was found by its day
        words = f"At this pace the limit of {row.feature} is reached about {say_day(row.hits_on)}."
        yield Caution(Urgency.SOON, words, usage_url(view.account, row.feature.key), "Look at it")


def of_approvals(view: AccountInView) -> Iterator[Caution]:
    waiting = waiting_for(view.account)
    if waiting:
        words = waiting[0].summary if len(waiting) == 1 else f"{len(waiting)} requests"
        url = account_url(view.account, part="overrides")
        yield Caution(Urgency.NOTE, f"Waiting for a second person: {words}", url, "Look at it")


def of_licence_keys(view: AccountInView) -> Iterator[Caution]:
    """Keys that came with a purchase, and that nobody there could be sent."""
    if not view.may(VIEW_LICENCES):
        return
    for row in unsent_keys(view.account, at=view.now):
        words = f"The key of its licence {shown_key(row.prefix)} wasn’t sent: no contact of it gets notices."
        if view.may(ISSUE_LICENCES):
            yield Caution(Urgency.SOON, words, licence_url(row, "renew_key"), "Make a new one")
        else:
            yield Caution(Urgency.SOON, words, licence_url(row), "Look at it")


def of_changes_to_come(view: AccountInView) -> Iterator[Caution]:
    rows = SubscriptionChange.objects.filter(
        subscription__account=view.account, cancelled_at__isnull=True, effective_at__gt=view.now
    )
    for row in rows.order_by("effective_at")[:MOST]:
        when = say_instant(row.effective_at, zone=view.zone)
        url = account_url(view.account, part="subscriptions")
        yield Caution(Urgency.NOTE, f"Change to come on {when}: {row.words}.", url, "Look at it")


def of_agreements(view: AccountInView) -> Iterator[Caution]:
    """What its plan leaves to be agreed with each customer, and nobody has set for this one."""
    to_agree = awaiting_agreement(view.resolutions, features=view.features)
    if to_agree:
        names = ", ".join(feature.name for feature in to_agree)
        url = account_url(view.account, part="entitlements")
        link = "Set it" if view.may("entitlements.grant_override") else "Look at it"
        yield Caution(Urgency.SOON, f"Set per customer, and not agreed yet: {names}.", url, link)


def of_what_is_missing(view: AccountInView) -> Iterator[Caution]:
    account = view.account
    if view.standing is Standing.CLOSED:
        return
    if account.market_id is None and Market.objects.exists():
        yield Caution(Urgency.NOTE, "No market is known, so nothing that is kept to some markets is sold or given.")
    if account.owner_id is None:
        yield Caution(Urgency.NOTE, "Nobody owns this account, so nobody here is told what ends.")
    if not account.contacts.filter(told=True).exists():
        url = account_url(account, part="contacts")
        yield Caution(Urgency.NOTE, "No contact gets the notices meant for the customer.", url, "Contacts")


ALL = (
    of_the_standing, of_its_life, of_use, of_overrides, of_agreements, of_approvals, of_licence_keys,
    of_changes_to_come, of_what_is_missing,
)  # fmt: skip
