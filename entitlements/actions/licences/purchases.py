"""The licence that comes with a purchase: issued in the transaction that records it, its key sent to the customer.

Nothing is done when the purchase ends: a licence sleeps while its subscription gives nothing, which is read and never
written. A trial is a purchase too; its licence goes on when it is converted.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from entitlements.actions.licences.issuing import Issued, issue
from entitlements.models import Account, Subscription, SubscriptionItem
from entitlements.models.licence import Licence, LicencePolicy
from entitlements.queries.clock.announcements import Audience, Recipient, people_of
from journal.actions.deeds import Deed, begin, keep, record
from journal.actions.notices import tell
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Refusal

KIND = "licence_key"
NOT_SENT = "licence:not_sent"
TEMPLATE = "emails/licence_key.txt"
CALLED_OFF = "The purchase it came with was called off before it began"


class NobodyToSendItTo(Refusal):
    """Nobody at the customer gets its notices, so there is nobody to send a key to."""

    code = "nobody_to_send_it_to"


def license_item(item: SubscriptionItem, *, deed: Deed) -> Licence | None:
    """Issued the licence that comes with what was bought, and sent its key; None where none comes with it.

    One for each subscription and policy: bought again while that one lives, no second is made. What is lent is no
    purchase.
    """
    if item.lent:
        return None
    policy = LicencePolicy.objects.filter(plan=item.plan_id, retired_at__isnull=True).first()
    if policy is None or live_licences(item.subscription, policy, at=deed.at).exists():
        return None
    issued = issue(
        account=item.subscription.account,
        policy=policy,
        subscription=item.subscription,
        by=_the_desk_for(deed.by),
        at=deed.at,
    )
    if not send_key(issued, at=deed.at):
        _note_not_sent(issued.licence, deed=deed)
    return issued.licence


def withdraw_licence(item: SubscriptionItem, *, deed: Deed) -> None:
    """Revoked the licence of a purchase that was called off before it began, unless the plan is there otherwise."""
    others = item.subscription.items.filter(plan=item.plan_id).exclude(pk=item.pk)
    policy = LicencePolicy.objects.filter(plan=item.plan_id).first()
    if policy is None or others.exists():
        return
    for row in live_licences(item.subscription, policy, at=deed.at):
        row.revoked_at, row.revoke_reason = deed.at, CALLED_OFF
        keep(row, deed=deed)
        key = row.account.key
        record(
            deed,
            "licence:revoke",
            subject=row,
            account_key=key,
            reason=CALLED_OFF,
            changes={"revoked": [None, deed.at]},
        )


def live_licences(subscription: Subscription, policy: LicencePolicy, *, at: datetime) -> QuerySet[Licence]:
    return subscription.licences.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=at), policy=policy, revoked_at__isnull=True
    )


def recipients(account: Account) -> Sequence[Recipient]:
    """The people at the customer who get its notices, and so its keys."""
    return list(people_of(account, Audience.CUSTOMER))


def send_key(issued: Issued, *, at: datetime) -> int:
    """Sent a key to the customer's people; to how many. It stands in no row but sealed, until it has gone out."""
    licence, told = issued.licence, 0
    for recipient in recipients(licence.account):
        body = render_to_string(TEMPLATE, {"licence": licence, "account": licence.account, "recipient": recipient})
        told += bool(
            tell(
                recipient=recipient.email,
                subject=f"Your licence key for {licence.name or licence.policy.name}",
                body=body,
                secret=issued.key,
                once_key=f"{KIND}:{licence.digest}:{recipient.key}",
                kind=KIND,
                account_key=licence.account.key,
                at=at,
            )
        )
    return told


def require_recipients(account: Account) -> None:
    if not recipients(account):
        raise NobodyToSendItTo(
            f"Nobody at {account} gets its notices. Add a contact who does, or have the key shown to you.",
            field="hand_over",
        )


def _the_desk_for(by: Actor) -> Actor:
    """Whoever sells a plan needs no permission to issue what comes with it: the desk does, and says for whom."""
    return SYSTEM if by.key == SYSTEM.key else replace(SYSTEM, name=f"{SYSTEM.name}, for {by.name}")


def _note_not_sent(licence: Licence, *, deed: Deed) -> None:
    """So that the account's page says it until somebody renews the key and hands it over."""
    record(
        begin(by=_the_desk_for(deed.by), at=deed.at),
        NOT_SENT,
        subject=licence,
        account_key=licence.account.key,
        reason="Nobody at the customer gets its notices",
    )
