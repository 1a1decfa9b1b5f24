"""Companies, deals and findings of a CRM as its screens show them: rows as flows and looks leave them."""

from datetime import datetime, timedelta
from typing import Any

from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.flows import Flow, FlowState
from desk.domain.crm.kept import keep_company, keep_deal
from desk.domain.crm.outgoing import COMPANY
from desk.domain.crm.told import Company, Deal, DealLine, DealState
from desk.models import CrmCompany, CrmDeal, CrmFinding, CrmFlow
from entitlements.models import Account
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.domain.connection import ConnectionState
from journal.models import Connection
from tests.entitlements.world import AT, DAY
from tests.journal.factories import ConnectionFactory


def company(connection: Connection, id: str = "c1", *, account: Account | None = None, **told: Any) -> CrmCompany:
    """Told five minutes ago, whosesoever it is."""
    said = Company("memory", id, told.pop("name", f"Company {id}"), AT, domain=f"{id}.example", country="NL")
    columns = {
        "name": said.name,
        "told": keep_company(said),
        "told_at": AT - timedelta(minutes=5),
        "changed_at": AT - DAY,
    }
    return CrmCompany.objects.create(connection=connection, external_id=id, account=account, **(columns | told))


def written(row: CrmCompany) -> CrmCompany:
    """As if the desk had written it an hour ago, with two records of entitlements."""
    key = row.account.key if row.account else "acme"
    records = {COMPANY: "1", f"{key}.seats": "2", f"{key}.storage": "3"}
    row.written = {"account": key, "records": records, "fields": {"plan": "Team", "renewal": ""}}
    row.written_at = AT - timedelta(hours=1)
    row.save()
    return row


def deal(connection: Connection, id: str = "d1", *, company: str = "c1", **told: Any) -> CrmDeal:
    """Won, five seats of Team, told five minutes ago."""
    state = told.pop("state", DealState.WON)
    lines = (DealLine(f"{id}-1", "TEAM-SEAT", "Team seat", fields={"ServiceDate": "2026-03-01"}),)
    said = Deal("memory", id, told.pop("name", f"Deal {id}"), company, state, AT, AT.date(), lines=lines)
    columns = {"name": said.name, "state": state, "company_id_there": company, "told": keep_deal(said)}
    columns |= {"told_at": AT - timedelta(minutes=5), "changed_at": AT - DAY}
    return CrmDeal.objects.create(connection=connection, external_id=id, **(columns | told))


def finding(
    connection: Connection, kind: CrmFindingKind = CrmFindingKind.WHOSE, *, subject: str = "company:c1", **told: Any
) -> CrmFinding:
    """Found three days ago, and open."""
    columns: dict[str, Any] = {"first_at": AT - 3 * DAY, "last_at": AT - DAY, "words": f"Of {kind.value}, something."}
    row = CrmFinding(connection=connection, kind=kind, subject=subject, **(columns | told))
    return keep(row, deed=begin(by=SYSTEM, at=AT - 3 * DAY))


def flow(connection: Connection, flow: Flow = Flow.COMPANIES, **told: Any) -> CrmFlow:
    """On for a day, run twenty seconds ago."""
    columns: dict[str, Any] = {"state": FlowState.ACTIVE, "state_at": AT - DAY, "mark_at": AT - timedelta(minutes=1)}
    columns |= {"last_run_at": AT - timedelta(seconds=20), "last_ok_at": AT - timedelta(seconds=20), "next_run_at": AT}
    return CrmFlow.objects.create(connection=connection, flow=flow, **(columns | told))


def one_of_each_record(account: Account, *, at: datetime) -> dict[str, object]:
    """Of a CRM that is paused, so that no page asks anybody."""
    there = ConnectionFactory(vendor="salesforce", name="Our CRM", state=ConnectionState.PAUSED)
    told = {"told_at": at, "changed_at": at}
    company(there, account=account, **told)
    nobodys = company(there, "c2", **told)
    open_one = finding(there, subject="company:c2", first_at=at, last_at=at, evidence={"ours": [account.key]})
    return {
        "crm": there.pk,
        "crm_flow": Flow.COMPANIES.value,
        "desk_crmflow": flow(there, state=FlowState.PAUSED).pk,
        "desk_crmcompany": nobodys.pk,
        "desk_crmdeal": deal(there, account=account, **told).pk,
        "desk_crmfinding": open_one.pk,
    }
