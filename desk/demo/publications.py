"""Plans that change while customers hold them: grandfathered, moved, held, scheduled, waiting for a second person."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.actions.imports import apply, check, upload
from catalog.actions.publishing import publish, roll_out
from catalog.domain.cases import GENERAL, Case
from catalog.domain.rollouts import Audience, Publication
from catalog.models import Feature, ImportRun, Plan, PlanVersion
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.holds import hold
from entitlements.actions.publications import TYPED_BEYOND, request_publication
from entitlements.models import Account, SubscriptionItem
from entitlements.queries.publishing.impact import impact
from journal.actions.working import work_off
from journal.domain.actor import Actor

DAY = timedelta(days=1)

CASES = (
    ("storage", Case(phase="trial"), "10 GB"),
    ("invocations", Case(phase="grace"), "500,000 included"),
    ("log_retention_api_database", Case(market="europe"), "14 days"),
    ("automatic_backups", Case(interval="year"), "14 days"),
    ("max_file_upload_size", GENERAL, "50 GB, kept 7 days after a trial"),
    ("vanity_urls", GENERAL, "Included, kept after a trial if used"),
)
LARGER_PRO = (
    ("database_size", "10 GB included; then $0.125 per GB"),
    ("ai_requests", "1,000 a billing period; then $0.01 per request; of which Large model: 200"),
)
NEW_TEAM = (
    ("automatic_backups", "30 days"),
    ("bandwidth", "500 GB included; then $0.08 per GB"),
    ("storage", "200 GB included; then $0.021 per GB"),
    ("maus", "250,000 included; then $0.003 per MAU"),
    ("third_party_auth", "25 included; then $0.00325 per MAU"),
    ("image_transformations", "50 origin images included; then $5 per 1000 origin images"),
    ("invocations", "5 Million included; then $2 per 1 Million"),
    ("number_of_functions", "800 included"),
    ("concurrent_peak_connections", "1000 included; then $10 per 1000"),
    ("messages_per_month", "10 Million included; then $2.50 per Million"),
    ("max_message_size", "5 MB"),
    ("auth_audit_trails", "60 days"),
    ("ai_requests", "5,000 a billing period; then $0.008 per request; of which Large model: 1,000"),
)
MARKETS_FILE = 'Key,Name,Countries\nmiddle_east,Middle East,"AE, QA, SA"\neurope,Europe,"NL, DE, FR, GB, SE, ES"\n'
WRONG_FILE = 'Key,Name,Countries\nswitzerland,Switzerland,CH\nnordics,Nordics,"DK, NO, Finland"\n,Oceania,NZ\n'


def write_cases(*, by: Actor, at: datetime) -> None:
    """Pro says something else in a trial, in grace, in Europe, and for a year; two things outlast its trial."""
    draft = PlanVersion.objects.get(plan__key="pro", state="draft")
    _write(draft, CASES, reason="What the price page has no room for.", by=by, at=at)


def raise_pro(*, by: Actor, at: datetime) -> None:
    """Pro gets a larger database and AI, for new customers only: the others stay on the first version."""
    draft = _drafted("pro", LARGER_PRO, reason="Competitors give 10 GB.", by=by, at=at)
    publish(
        version=draft,
        audience=Audience.NEW_CUSTOMERS,
        effective_at=None,
        edits=draft.edits,
        by=by,
        at=at + timedelta(hours=1),
        reason="Larger databases for new customers.",
    )


def raise_enterprise(*, by: Actor, at: datetime) -> None:
    """Enterprise keeps logs for longer, for each customer from their next renewal on."""
    cells = (("log_retention_api_database", "180 days"),)
    draft = _drafted("enterprise", cells, reason="Auditors ask for half a year.", by=by, at=at)
    publish(
        version=draft,
        audience=Audience.AT_RENEWAL,
        effective_at=None,
        edits=draft.edits,
        by=by,
        at=at,
        reason="Half a year of logs, with the renewal.",
    )


def schedule_team(*, by: Actor, at: datetime, effective_at: datetime) -> None:
    """Everybody on Team may upload larger files, from a day to come."""
    draft = _drafted("team", (("max_file_upload_size", "100 GB"),), reason="Video teams ask.", by=by, at=at)
    publish(
        version=draft,
        audience=Audience.ON_DATE,
        effective_at=effective_at,
        edits=draft.edits,
        by=by,
        at=at,
        reason="Larger files for everybody on Team.",
    )


def move_partners(accounts: Sequence[Account], *, by: Actor, at: datetime) -> None:
    """A few customers of Pro get the larger database although they bought it earlier."""
    if not accounts:
        return
    cohort = create_cohort(
        key="design_partners",
        name="Design partners",
        accounts=accounts,
        note="They try things first.",
        by=by,
        at=at,
    )
    pro = PlanVersion.objects.filter(plan__key="pro", state="published").latest("number")
    told: dict[str, Any] = {"by": by, "at": at, "reason": "Thanks to those who try things first."}
    roll_out(version=pro, audience=Audience.COHORT, effective_at=None, cohort_key=cohort.key, **told)


def hold_one(accounts: Sequence[Account], *, by: Actor, at: datetime, until: datetime) -> None:
    """One customer of Team keeps the version they have for a while."""
    for account in accounts[:1]:
        item = SubscriptionItem.objects.get(subscription__account=account, plan__key="team")
        hold(item=item, until=until, reason="Their security review of larger uploads isn't over.", by=by, at=at)


def leave_a_draft(*, by: Actor, at: datetime) -> None:
    """Team is being edited: a dozen changes, some of which take something away."""
    _drafted("team", NEW_TEAM, reason="The Team plan of next year.", by=by, at=at)


def ask_for_less(*, by: Actor, at: datetime, effective_at: datetime) -> None:
    """Free is to give less traffic; it waits for a second person."""
    cells = (("bandwidth", "4 GB included"), ("number_of_functions", "25 included"))
    draft = _drafted("free", cells, reason="Traffic of free projects costs more than they bring.", by=by, at=at)
    asked = Publication(Audience.ON_DATE, effective_at, draft.edits)
    counted = impact(version=draft, audience=asked.audience, effective_at=effective_at, at=at)
    lose = counted.figures.lose
    request_publication(
        version=draft,
        publication=asked,
        counted=counted,
        reason="Traffic of free projects costs more than they bring; functions make up for it.",
        confirmed=lose if lose > TYPED_BEYOND else None,
        by=by,
        at=at,
    )


def bring_files(*, by: Actor, at: datetime) -> None:
    """One file of markets was imported; another has rows that are wrong, and waits to be mended."""
    apply(run=_checked("markets.csv", MARKETS_FILE, by=by, at=at), whole=True, by=by, at=at)
    work_off(at=at)
    _checked("more-markets.csv", WRONG_FILE, by=by, at=at + DAY)


def _checked(name: str, text: str, *, by: Actor, at: datetime) -> ImportRun:
    run = upload(kind="markets", file_name=name, data=text.encode(), by=by, at=at)
    return check(run=run, mapping=run.mapping, by=by, at=at)


def _drafted(key: str, cells: Iterable[tuple[str, str]], *, reason: str, by: Actor, at: datetime) -> PlanVersion:
    draft = open_draft(plan=Plan.objects.get(key=key), by=by, at=at)
    return _write(draft, [(feature, GENERAL, text) for feature, text in cells], reason=reason, by=by, at=at)


def _write(
    draft: PlanVersion, cells: Iterable[tuple[str, Case, str]], *, reason: str, by: Actor, at: datetime
) -> PlanVersion:
    features = {feature.key: feature for feature in Feature.objects.all()}
    writes = [CellWrite(draft, features[key], text, case) for key, case, text in cells]
    write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=by, at=at, reason=reason)
    return PlanVersion.objects.get(pk=draft.pk)
