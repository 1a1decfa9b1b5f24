"""What stands between a CRM and the desk, in words, and where its pages are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as spell

from desk.actions.crm.applied import NOTHING
from desk.domain.crm.budget import KEPT_PERCENT, Budget
from desk.domain.crm.flows import FlowState
from desk.domain.crm.outgoing import COMPANY_FIELDS, Sort
from desk.domain.crm.told import DealState
from desk.integrations.crm.port import Kind, system_of, vendors
from desk.models import CrmCompany, CrmDeal, CrmFinding
from entitlements.admin.billed.words import say_age, say_where
from entitlements.domain.billed.findings import FindingState
from entitlements.queries.contracts import say_day
from journal.models import Connection

VIEW, VIEW_FINDING = "desk.view_crmflow", "desk.view_crmfinding"
VIEW_COMPANY, VIEW_DEAL = "desk.view_crmcompany", "desk.view_crmdeal"
SET_UP, LINK = "desk.set_up_crm", "desk.link_companies"

BADGES = {FindingState.OPEN: "waiting", FindingState.MENDED: "on_sale", FindingState.KEPT: "scheduled"}
COLOURS = {"To look at": "warning", "Mended": "success", "Kept as it is": "info", "Gone": "info"}
FLOW_BADGES = {FlowState.NEW: "plain", FlowState.ACTIVE: "on_sale", FlowState.PAUSED: "waiting"}
DEAL_BADGES = {
    DealState.OPEN: "scheduled",
    DealState.WON: "on_sale",
    DealState.LOST: "ended",
    DealState.GONE: "ended",
}
TOLD_OF_A_COMPANY = {
    "name": "Name",
    "domain": "Domain",
    "country": "Country",
    "owner": "Who sells to it",
    "own_key": "Our key there",
}
OURS_THERE = {one.name: one.words for one in COMPANY_FIELDS}
SORTS = {one.name: one.sort for one in COMPANY_FIELDS}
Record = CrmCompany | CrmDeal

__all__ = ["say_age", "say_where"]


@dataclass(frozen=True, slots=True)
class Act:
    """A button: it leads to a page that asks, or is pressed at once where nothing is lost by it."""

    words: str
    url: str
    main: bool = False
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is said on both sides; an empty side says nothing of it."""

    about: str
    theirs: str
    ours: str


def several_crms() -> bool:
    """Whether a list has to say of which CRM each of its rows is."""
    return Connection.objects.filter(vendor__in=vendors()).count() > 1


def sync_url(connection: Connection, page: str = "", *arguments: Any) -> str:
    """How a CRM is synchronised, or one of the further pages about it."""
    return reverse(f"admin:desk_crm_sync{f'_{page}' if page else ''}", args=[connection.pk, *arguments])


def finding_url(finding: CrmFinding, page: str = "change") -> str:
    return reverse(f"admin:desk_crmfinding_{page}", args=[finding.pk])


def record_url(record: Record, page: str = "change") -> str:
    return reverse(f"admin:desk_{record._meta.model_name}_{page}", args=[record.pk])


def findings_url(connection: Connection, **asked: str) -> str:
    """The list of what is open at it."""
    narrowed = {"connection": str(connection.pk), "state": FindingState.OPEN.value, **asked}
    return f"{reverse('admin:desk_crmfinding_changelist')}?{'&'.join(f'{k}={v}' for k, v in narrowed.items())}"


def page_there(connection: Connection, record: Record) -> str:
    """The CRM's own page about it, where it has one."""
    link = (record.told or {}).get("link", "") if isinstance(record, CrmDeal) else ""
    system = system_of(connection.vendor)
    kind = Kind.DEAL if isinstance(record, CrmDeal) else Kind.COMPANY
    return link or (system.page_of(connection, kind, record.external_id) if system is not None else "")


def say_span(span: timedelta) -> str:
    """ "Nothing", "40 seconds", "3 minutes", "2 hours", "5 days": how long, to its largest unit."""
    seconds = max(int(span.total_seconds()), 0)
    for length, noun in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= length:
            number = seconds // length
            return f"{number:,} {noun}{'' if number == 1 else 's'}"
    return "nothing"


def say_in(until: datetime, *, at: datetime) -> str:
    """ "in 12 seconds"; what is due already: "now"."""
    return f"in {say_span(until - at)}" if until - at >= timedelta(seconds=1) else "now"


def say_moment(moment: datetime) -> str:
    return spell(timezone.localtime(moment), "j F Y, H:i")


def say_calls(budget: Budget) -> str:
    """ "12,410 of 15,000 calls of today; the desk stops at 12,000"; empty where the CRM doesn't say."""
    if budget.used is None or budget.limit is None:
        return ""
    stop = budget.limit * (100 - KEPT_PERCENT) // 100
    return f"{budget.used:,} of {budget.limit:,} calls of today; the desk stops at {stop:,}"


def say_came(deal: CrmDeal) -> str:
    """What came of a deal in the end: a look that found nothing to do says nothing of what it had become before."""
    if deal.outcome and deal.outcome != NOTHING:
        return deal.outcome
    if deal.contract is not None:
        return f"It is contract {deal.contract.key}, as it was agreed"
    if deal.trial_id is not None:
        return "It made a trial longer"
    return "The mapping makes nothing of it" if deal.state == DealState.WON else deal.outcome


def say_product(name: str, *, deal: str) -> str:
    """A line as its product is called: some CRMs put the deal's own name before it."""
    return name.removeprefix(deal).strip() or name


def say_written(name: str, text: str) -> str:
    """A field as the desk wrote it, for a reader rather than for the CRM."""
    match SORTS.get(name):
        case Sort.YES_NO:
            return {"true": "Yes", "false": "No"}.get(text.lower(), text)
        case Sort.DAY:
            return say_day(date.fromisoformat(text)) if text else ""
    return text


def lines_of(finding: CrmFinding) -> list[Line]:
    """What the CRM says and what the desk has, side by side, as it was found."""
    evidence: Mapping[str, Any] = finding.evidence or {}
    theirs, ours = evidence.get("theirs"), evidence.get("ours")
    if isinstance(theirs, Mapping):
        return list(_of_a_company(theirs))
    about = (
        OURS_THERE.get(finding.about) or TOLD_OF_A_COMPANY.get(finding.about) or finding.about or "What was compared"
    )
    return [Line(about, _plainly(theirs), _plainly(ours))] if theirs or (ours and theirs is not None) else []


def _of_a_company(theirs: Mapping[str, Any]) -> Iterator[Line]:
    for name, words in TOLD_OF_A_COMPANY.items():
        if theirs.get(name):
            yield Line(words, str(theirs[name]), "")


def _plainly(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)
