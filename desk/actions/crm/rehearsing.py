"""A deal taken in by a mapping that isn't switched on, as it would be, and all of it undone: only so is known what the
desk would refuse.

What is written meanwhile is seen by nobody else, and nothing of it stays: no contract, no audit, no message to send.
"""

from datetime import datetime

from django.db import transaction

from desk.actions.crm.carrying_out import carry_out
from desk.actions.crm.prolonging import settle_decided
from desk.actions.crm.work import Work
from desk.domain.crm.told import Deal, legible
from desk.models import CrmDeal, DealMapping
from desk.queries.crm.judging import ReadMapping, judge_deal, whose_deal
from entitlements.actions.locking import lock_all
from entitlements.queries.merged import standing_for
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal, Stale


def refusal_of(*, deal: Deal, mapping: DealMapping, read: ReadMapping, by: Actor, at: datetime) -> str:
    """What the desk would say no to, in its own words; empty where it would do all of it. `read` is the mapping as its
    rules say it."""
    try:
        with transaction.atomic():
            _take_in(legible(deal), mapping, read, by=by, at=at)
            transaction.set_rollback(True)
    except Stale:
        return ""  # somebody wrote the same just now: whoever takes it in tries again
    except Refusal as refusal:
        return refusal.message
    return ""


def _take_in(deal: Deal, mapping: DealMapping, read: ReadMapping, *, by: Actor, at: datetime) -> None:
    connection = mapping.connection
    row, _ = CrmDeal.objects.get_or_create(connection=connection, external_id=deal.id)
    whose = (whose_deal(connection, deal).account, row.account and standing_for(row.account))
    held = lock_all({one.pk for one in whose if one is not None})
    row = CrmDeal.objects.select_related("connection", "account", "contract", "trial__subscription__account").get(
        pk=row.pk
    )
    settle_decided(row)
    judged = judge_deal(connection, mapping, deal, row, at=at, anyway=True, read=read)
    account = held.get(judged.account.pk) if judged.account is not None else None
    before = standing_for(row.account) if row.account is not None else None
    if judged.is_read and judged.decided.steps and (for_whom := account or before) is not None:
        carry_out(judged.decided.steps, Work(deal, row, for_whom, judged.made, by, at), mapping=mapping.number)
