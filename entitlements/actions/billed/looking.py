"""A person asks to have it looked at where it is billed, now rather than when it is told next."""

from datetime import datetime

from django.db import models, transaction

from entitlements.actions.billed.findings import PERMISSION
from entitlements.models import Account, BilledSubscription, BillingFinding
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor


def ask_about(*, finding: BillingFinding, by: Actor, at: datetime) -> None:
    """Asked to have what a finding is about looked at again; what comes of it is the connection's own deed."""
    _ask("billing_finding:look_again", finding, finding.account, by=by, at=at)


def ask_for(*, billed: BilledSubscription, by: Actor, at: datetime) -> None:
    """Asked to have a subscription that is billed elsewhere looked at, and followed."""
    _ask("billed_subscription:look_again", billed, billed.whose, by=by, at=at)


@transaction.atomic
def _ask(verb: str, subject: models.Model, account: Account | None, *, by: Actor, at: datetime) -> None:
    by.require(PERMISSION)
    record(begin(by=by, at=at), verb, subject=subject, account_key=account.key if account is not None else "")
