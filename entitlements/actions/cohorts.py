"""Cohorts: accounts chosen once, for a publication or a loan, and never changed afterwards."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from entitlements.actions.locking import lock_named, refuse_merged
from entitlements.models import Account, Cohort, CohortMember
from journal.actions.deeds import begin, keep, keep_many, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid

PERMISSION = "entitlements.add_cohort"
HELD = 500  # of more than these nobody is kept waiting; one that is merged meanwhile is passed over by what comes later


@transaction.atomic
def create_cohort(
    *, key: str, name: str, accounts: Iterable[Account], by: Actor, at: datetime, note: str = ""
) -> Cohort:
    """A cohort was chosen; from now on nobody joins or leaves it."""
    by.require(PERMISSION)
    chosen = list({account.pk: account for account in accounts}.values())
    if len(chosen) <= HELD:
        chosen = list(lock_named(*chosen).values())
    if not chosen:
        raise Invalid("Choose at least one account.", field="accounts")
    for account in chosen:
        refuse_merged(account)
    if Cohort.objects.filter(key=key).exists():
        raise Invalid(f"There is a cohort {key} already; give this one another key.", field="key")
    deed = begin(by=by, at=at)
    cohort = Cohort(key=key, name=name.strip(), note=note.strip(), created_at=at, frozen_at=at)
    keep(cohort, deed=deed)
    keep_many([CohortMember(cohort=cohort, account=account) for account in chosen], deed=deed)
    record(deed, "cohort:create", subject=cohort, reason=note.strip(), changes={"accounts": (None, len(chosen))})
    return cohort
