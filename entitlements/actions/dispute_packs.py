"""Dispute packs: the evidence about one customer, handed out; that it was, stands in the audit with the pack's sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from catalog.domain.window import start_of_day
from entitlements.evidence.drawing import VERB, draw_up, period_of
from entitlements.evidence.packing import Packed
from entitlements.models import Account
from entitlements.queries.story.evidence import Inquiry
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from journal.models import AuditEvent, AuditHead

PERMISSION = "journal.view_auditevent"
LONGEST = timedelta(days=3_660)
MOST_MOMENTS = 10


@dataclass(frozen=True, slots=True)
class MadePack:
    event: AuditEvent
    pack: Packed


def make_pack(
    *,
    account: Account,
    from_on: date,
    through_on: date,
    reason: str,
    by: Actor,
    at: datetime,
    moments: Sequence[datetime] = (),
) -> MadePack:
    """Drew up a dispute pack about the customer.

    It only reads, for seconds, so nobody is kept waiting meanwhile; what is written is that it was drawn up.
    """
    by.require(PERMISSION)
    by.require("entitlements.view_account")
    if not reason.strip():
        raise Invalid("Give a reason: whoever looks at this later will ask.", field="reason")
    _check_days(from_on, through_on)
    if start_of_day(from_on, account.zone) >= at:
        raise Invalid("The period hasn't begun yet; choose days that have passed.", field="from_on")
    _check_moments(moments, at=at)
    window = period_of(account, from_on=from_on, through_on=through_on, at=at)
    assert window.start is not None
    assert window.end is not None
    last = window.end if window.end == at else window.end - timedelta(seconds=1)
    head = AuditHead.objects.filter(pk=1).first()
    inquiry = Inquiry(
        account=Account.objects.select_related("market", "owner", "parent").get(pk=account.pk),
        from_on=from_on,
        through_on=through_on,
        window=window,
        moments=tuple(sorted(set(moments))) or (window.start, last),
        reason=reason.strip(),
        by=by.name,
        at=at,
        upto=head.last_seq if head else 0,
    )
    pack = draw_up(inquiry)
    return MadePack(_record(inquiry, pack, by=by), pack)


def _check_days(from_on: date, through_on: date) -> None:
    if through_on < from_on:
        raise Invalid("The last day is before the first day.", field="through_on")
    if through_on - from_on > LONGEST:
        raise Invalid("A pack is about ten years at most; make one for each part.", field="from_on")


def _check_moments(moments: Sequence[datetime], *, at: datetime) -> None:
    if len(moments) > MOST_MOMENTS:
        raise Invalid(f"Choose at most {MOST_MOMENTS} moments.", field="moments")
    if any(moment > at for moment in moments):
        raise Invalid("One of the moments hasn't come yet.", field="moments")


@transaction.atomic
def _record(inquiry: Inquiry, pack: Packed, *, by: Actor) -> AuditEvent:
    return record(
        begin(by=by, at=inquiry.at),
        VERB,
        subject=inquiry.account,
        account_key=inquiry.account.key,
        reason=inquiry.reason,
        changes={
            "from": (None, inquiry.from_on),
            "through": (None, inquiry.through_on),
            "moments": (None, [moment.isoformat() for moment in inquiry.moments]),
            "upto": (None, inquiry.upto),
            "checksum": (None, pack.checksum),
        },
    )
