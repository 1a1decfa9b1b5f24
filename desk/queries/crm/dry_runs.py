"""Mappings tried on real deals: which runs there were, and what each found, deal by deal."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from desk.models import CrmDeal, DealMapping
from entitlements.models import Account
from journal.models import Connection, Job, JobItem

TRYING = "crm_mapping_dry_run"
AT_WORK = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)
Row = Mapping[str, Any]


def runs_of(mapping: DealMapping) -> list[Job]:
    """The latest first."""
    return list(Job.objects.filter(kind=TRYING, payload__mapping=mapping.pk).order_by("-asked_at", "-pk")[:20])


def at_work(mapping: DealMapping) -> Job | None:
    rows = Job.objects.filter(kind=TRYING, payload__mapping=mapping.pk, state__in=AT_WORK)
    return rows.order_by("-pk").first()


def rows_of(run: Job) -> Iterator[Row]:
    """What was found, deal by deal, as far as the run has come."""
    items = run.items.filter(state=JobItem.State.DONE).order_by("position")
    for payload in items.values_list("payload", flat=True).iterator(chunk_size=50):
        yield from payload.get("rows", ())


def heard_of(run: Job) -> set[str]:
    """The ids of the deals that are written down already."""
    return {id for payload in run.items.values_list("payload", flat=True) for id in payload.get("ids", ())}


def held_by(connection: Connection, ids: Collection[str]) -> dict[str, CrmDeal]:
    """What is kept here of these deals, with the contract each has become."""
    rows = CrmDeal.objects.filter(connection=connection, external_id__in=ids).select_related("contract", "account")
    return {row.external_id: row for row in rows}


def accounts_named(keys: Collection[str]) -> dict[str, Account]:
    return {account.key: account for account in Account.objects.filter(key__in=keys)}
