"""Covers over HTTP: read, agreed on, amended, ended."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from support.actions.covers.agreeing import agree_cover
from support.actions.covers.amending import Changed, amend_cover, end_cover
from support.actions.covers.refusals import NoSuchCover
from support.actions.covers.writing import SCOPE
from support.api.cover_schemas import SMALL, AmendIn, CoverIn, CoverList, CoverOut, CoverSaid, CoverWaits, EndIn
from support.domain.cover_draft import PLURALS, CoverDraft, CoverPlace, end_instant, first_instant, next_instant
from support.domain.cover_terms import SHARES, ScopeKind
from support.domain.covers import Scope
from support.models import Cover
from support.queries.covers.finding import contract_numbered, cover_numbered, covers_of, things_named
from support.queries.covers.reading import CoverRead, draft_of, read_cover
from support.queries.covers.waiting import pending_changes

READ = "coverage:read"
ALL = "/covers"
ONE = f"{ALL}/{{number}}"

router = Router(tags=["Covers"], auth=KeyAuth(SCOPE))
reading = KeyAuth(READ)


class Filter(Schema):
    """Which covers; what is left out is any."""

    account: Annotated[str, Field(max_length=200, description="Our key or any system's id.")] = ""
    state: Annotated[CoverPlace | None, Field(description="Where it stands now.")] = None
    contract: Annotated[str, Field(max_length=40, description="The number of the contract.")] = ""
    after: Annotated[int, Field(ge=0, le=SMALL, description="`next` of the page before.")] = 0
    most: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 100


@router.get(ALL, response={200: CoverList, **PROBLEMS}, auth=reading, summary="Covers", url_name="covers")
def cover_list(request: HttpRequest, asked: Query[Filter]) -> Any:
    """Every version of every cover, in the order they were written down; `next` leads on."""
    at = timezone.now()
    account = account_by_key(asked.account) if asked.account else None
    found = covers_of(
        account, place=asked.state, contract=asked.contract, after=asked.after, most=asked.most + 1, at=at
    )
    page = found[: asked.most]
    following = page[-1].row.pk if len(found) > asked.most else None
    return CoverList(covers=_rendered(page, at=at), next=following)


@router.get(ONE, response={200: CoverOut, **PROBLEMS}, auth=reading, summary="One cover", url_name="cover")
def cover_one(request: HttpRequest, number: int) -> Any:
    """What it says, in fields and in a sentence, and where it stands now."""
    return _told(_cover(number))


@router.post(ALL, response={201: CoverOut, **PROBLEMS}, summary="Agree on a cover", url_name="covers")
def cover_agree(request: HttpRequest, told: CoverIn) -> Any:
    """A new cover, under a line of a contract or by itself. Every fault is told at once, by its field; the problem goes by
    the first: `cover_overlaps`, `no_such_line`, `contract_not_in_force`, `not_theirs`, …
    """
    at, account = timezone.now(), account_by_key(told.account)
    draft = CoverDraft(name="", starts_at=first_instant(told.starts_on, zone=account.zone, at=at), zone=account.zone)
    given = told.dict(exclude={"account", "reason", "starts_on"})
    draft = _written(draft, given, account=account)
    row = agree_cover(account=account, draft=draft, by=_by(request), at=at, reason=told.reason)
    return Status(201, _told(row))


@router.post(
    f"{ONE}/amend",
    response={200: CoverOut, 202: CoverWaits, **PROBLEMS},
    summary="Amend a cover",
    url_name="cover_amend",
)
def cover_amend(request: HttpRequest, number: int, told: AmendIn) -> Any:
    """From a day on it says something else: a further cover that follows this one, which ends there (200). Where it gives
    less than before and has begun, a person decides (202), and `reason` is needed.
    """
    at, cover = timezone.now(), _cover(number)
    was = draft_of(cover)
    begun = was.starts_at <= at
    first = (next_instant if begun else first_instant)(told.starts_on, zone=was.zone, at=at)
    starts_at = was.starts_at if told.starts_on is None and not begun else first
    given = told.dict(exclude_unset=True, exclude={"reason", "starts_on"})
    draft = _written(replace(was, starts_at=starts_at), given, account=cover.account)
    return _outcome(amend_cover(cover=cover, draft=draft, by=_by(request), at=at, reason=told.reason))


@router.post(
    f"{ONE}/end", response={200: CoverOut, 202: CoverWaits, **PROBLEMS}, summary="End a cover", url_name="cover_end"
)
def cover_ended(request: HttpRequest, number: int, told: EndIn) -> Any:
    """Before its time. One that has begun ends when a person agrees (202); one to come is called off (200)."""
    at, cover = timezone.now(), _cover(number)
    ends_at = end_instant(told.through_on, zone=cover.zone) or at
    return _outcome(end_cover(cover=cover, ends_at=ends_at, by=_by(request), at=at, reason=told.reason))


def _outcome(done: Changed) -> Any:
    if done.approval is not None:
        return Status(202, CoverWaits(approval=done.approval.pk, summary=done.approval.summary))
    return Status(200, _told(done.cover))


def _written(draft: CoverDraft, given: dict[str, Any], *, account: Account) -> CoverDraft:
    """The draft with what was told; names become ids, days become instants."""
    plain = set(CoverSaid.model_fields) & set(CoverDraft.__dataclass_fields__) - {"contract", "name"}
    changes: dict[str, Any] = {name: value for name, value in given.items() if name in plain}
    if given.get("name"):
        changes["name"] = given["name"]
    if "contract" in given:
        number = given["contract"]
        changes["contract"] = contract_numbered(number, account=account).pk if number else None
    if "through_on" in given:
        changes["ends_at"] = end_instant(given["through_on"], zone=draft.zone)
    told = {aspect: given.get(aspect.value, draft.shares.get(aspect)) for aspect in SHARES}
    changes["shares"] = {aspect: percent for aspect, percent in told.items() if percent is not None}
    changes["scope"] = _scope(draft.scope, given, account=account)
    return replace(draft, **changes)


def _scope(scope: Scope, given: dict[str, Any], *, account: Account) -> Scope:
    said: dict[str, Any] = {
        PLURALS[kind]: things_named(kind, given[PLURALS[kind]], account=account)
        for kind in ScopeKind
        if PLURALS[kind] in given
    }
    if "channels" in given:
        said["channels"] = frozenset(given["channels"])
    return replace(scope, **said)


def _cover(number: int) -> Cover:
    found = cover_numbered(number) if number > 0 else None
    if found is None:
        raise NoSuchCover(f"There is no cover {number}.")
    return found


def _told(row: Cover) -> CoverOut:
    return _rendered([read_cover(_cover(row.pk))], at=timezone.now())[0]


def _rendered(reads: list[CoverRead], *, at: datetime) -> list[CoverOut]:
    waiting = pending_changes([read.row.pk for read in reads])
    following = Cover.objects.filter(follows__in=[read.row.pk for read in reads])
    after: dict[int | None, int] = {one.follows_id: one.pk for one in following.only("pk", "follows")}
    return [
        _out(read, at=at, waits=waiting[read.row.pk].pk if read.row.pk in waiting else None, after=after)
        for read in reads
    ]


def _out(read: CoverRead, *, at: datetime, waits: int | None, after: dict[int | None, int]) -> CoverOut:
    row, draft = read.row, read.draft
    shares: dict[str, Any] = {aspect.value: draft.shares.get(aspect) for aspect in SHARES}
    scope: dict[str, Any] = {PLURALS[kind]: list(read.codes[kind]) for kind in ScopeKind}
    return CoverOut(
        id=row.pk,
        account=row.account.key,
        name=row.name,
        state=read.place(at),
        words=read.words,
        contract=row.contract.key if row.contract else None,
        line=row.line,
        starts_at=row.starts_at,
        ends_at=draft.last_instant,
        through_on=row.through_on,
        zone=row.zone,
        tier=row.tier,
        **shares,
        authorisation=row.authorisation,
        priority=row.priority,
        children=row.children,
        counted=row.counted,
        visits_a_year=row.visits_a_year,
        channels=sorted(row.channels),
        **scope,
        follows=row.follows_id,
        followed_by=after.get(row.pk),
        waits=waits,
    )


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor
