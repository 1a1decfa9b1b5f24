"""Contracts over HTTP: what was agreed with a customer, drafted, signed, amended and ended by programs."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from entitlements.actions.contract_documents import LineTold, TermsTold, write_draft
from entitlements.actions.contract_drafts import amend, discard
from entitlements.actions.contract_endings import end_early, give_notice, take_notice_back
from entitlements.actions.contract_signing import KIND, sign
from entitlements.actions.contracts import SCOPE, open_contract
from entitlements.api.contract_render import render_contract, render_contracts, render_version
from entitlements.api.contract_schemas import (
    ContractList,
    ContractOut,
    DraftIn,
    EndIn,
    NoticeIn,
    OpenIn,
    SigningWaits,
    VersionOut,
)
from entitlements.api.routes import Moment
from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import ContractState
from entitlements.queries.accounts import account_by_key
from entitlements.queries.contracts.ready import NotADraft
from entitlements.queries.contracts.standing import contract_at, contracts_of
from entitlements.queries.contracts.versions import open_version
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound
from journal.models import Approval

READ = "entitlements:read"
ONE = "/accounts/{key}/contracts/{number}"

router = Router(tags=["Contracts"], auth=KeyAuth(SCOPE))
reading = KeyAuth(READ)


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def _contract(key: str, number: str) -> Contract:
    account = account_by_key(key)
    rows = Contract.objects.select_related("account", "subscription")
    found = rows.filter(account=account, key=number.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"{account} has no contract {number!r}.")
    return found


def _told(contract: Contract, at: datetime) -> ContractOut:
    found = contract_at(contract=contract, at=at)
    assert found is not None  # it was read a moment ago
    return render_contract(found)


def _draft(contract: Contract) -> ContractVersion:
    """What is being drafted; what waits for approval is one too, and says itself that it can't be changed."""
    version = open_version(contract)
    if version is None:
        raise NotADraft(f"Nothing of {contract.key} is being drafted: amend it first.")
    return version


def _moment(moment: Moment, now: datetime) -> dict[str, Any]:
    if moment.known_at is not None and moment.known_at > now:
        raise Invalid("What will be known later can't be told; ask about a moment that has passed.", field="known_at")
    return {"at": moment.at or moment.known_at or now, "known_at": moment.known_at}


@router.get(
    "/accounts/{key}/contracts",
    response={200: ContractList, **PROBLEMS},
    auth=reading,
    summary="Its contracts",
    url_name="contracts",
)
def contract_list(request: HttpRequest, key: str, moment: Query[Moment]) -> Any:
    """Every contract with the account, what runs first: its versions with their lines, and the term that runs."""
    account = account_by_key(key)
    then = _moment(moment, timezone.now())
    found = render_contracts(contracts_of(account=account, **then), drafts=moment.known_at is None)
    return ContractList(account=account.key, **then, contracts=found)


@router.post(
    "/accounts/{key}/contracts", response={201: ContractOut, **PROBLEMS}, summary="Open one", url_name="contracts"
)
def contract_open(request: HttpRequest, key: str, told: OpenIn) -> Any:
    """A contract with an empty draft as its first version. It promises nothing before that is signed."""
    account, at = account_by_key(key), timezone.now()
    contract = open_contract(account=account, name=told.name, key=told.number, link=told.link, by=_by(request), at=at)
    return Status(201, _told(contract, at))


@router.get(ONE, response={200: ContractOut, **PROBLEMS}, auth=reading, summary="One contract", url_name="contract")
def contract_one(request: HttpRequest, key: str, number: str, moment: Query[Moment]) -> Any:
    """One contract at an instant, and as it was known then."""
    contract = _contract(key, number)
    found = contract_at(contract=contract, **_moment(moment, timezone.now()))
    if found is None:
        raise NotFound(f"The contract {number!r} was not known yet at {moment.known_at}.")
    return render_contract(found, drafts=moment.known_at is None)


@router.put(
    f"{ONE}/draft", response={200: VersionOut, **PROBLEMS}, summary="Write the draft", url_name="contract_draft"
)
def draft_write(request: HttpRequest, key: str, number: str, told: DraftIn) -> Any:
    """The whole draft in one document, all of it or nothing. What can't be right is told of every line at once:
    `errors` name fields such as `lines.2.value`, counted from 0. What was signed is never changed: 409 not_a_draft.
    """
    version, at = _draft(_contract(key, number)), timezone.now()
    terms = TermsTold(**told.dict(exclude={"lines"}))
    lines = [LineTold(**line.dict()) for line in told.lines]
    return render_version(write_draft(version=version, terms=terms, lines=lines, by=_by(request), at=at))


@router.delete(
    f"{ONE}/draft", response={200: ContractOut, **PROBLEMS}, summary="Give the draft up", url_name="contract_draft"
)
def draft_discard(request: HttpRequest, key: str, number: str) -> Any:
    """The draft is given up; what was signed before it goes on as it is."""
    contract, at = _contract(key, number), timezone.now()
    discard(version=_draft(contract), by=_by(request), at=at)
    return _told(contract, at)


@router.post(
    f"{ONE}/sign",
    response={201: VersionOut, 202: SigningWaits, **PROBLEMS},
    summary="Sign the draft",
    url_name="contract_sign",
)
def contract_sign(request: HttpRequest, key: str, number: str) -> Any:
    """All its lines become items and overrides at once, or none does. A program can't sign alone: a person decides
    (202), and until then nothing changes.
    """
    contract, at = _contract(key, number), timezone.now()
    version = sign(version=_draft(contract), by=_by(request), at=at)
    if version.state == ContractState.REQUESTED:
        asked = Approval.objects.get(kind=KIND, subject_key=str(version.pk), state=Approval.State.PENDING)
        return Status(202, SigningWaits(approval=asked.pk, summary=asked.summary, approver_role=asked.approver_role))
    return Status(201, render_version(version))


@router.post(
    f"{ONE}/amend", response={201: VersionOut, **PROBLEMS}, summary="Draft an amendment", url_name="contract_amend"
)
def contract_amend(request: HttpRequest, key: str, number: str) -> Any:
    """A draft that says what was agreed last, to be written anew and signed. Until then the contract goes on as it is."""
    contract, at = _contract(key, number), timezone.now()
    return Status(201, render_version(amend(contract=contract, by=_by(request), at=at)))


@router.post(
    f"{ONE}/notice", response={200: ContractOut, **PROBLEMS}, summary="Give notice", url_name="contract_notice"
)
def contract_notice(request: HttpRequest, key: str, number: str, told: NoticeIn) -> Any:
    """It ends with the running term, or with the next where notice came too late for that; `ends_at` says when."""
    contract, at = _contract(key, number), timezone.now()
    return _told(give_notice(contract=contract, said_by=told.said_by, by=_by(request), at=at), at)


@router.delete(
    f"{ONE}/notice", response={200: ContractOut, **PROBLEMS}, summary="Take notice back", url_name="contract_notice"
)
def contract_notice_back(request: HttpRequest, key: str, number: str) -> Any:
    """It goes on by its terms, as if notice had never been given; until it has ended."""
    contract, at = _contract(key, number), timezone.now()
    return _told(take_notice_back(contract=contract, by=_by(request), at=at), at)


@router.post(f"{ONE}/end", response={200: ContractOut, **PROBLEMS}, summary="End it early", url_name="contract_end")
def contract_end(request: HttpRequest, key: str, number: str, told: EndIn) -> Any:
    """Everything of it ends together at that instant, before its term is up."""
    contract, at = _contract(key, number), timezone.now()
    ended = end_early(contract=contract, ends_at=told.ends_at or at, reason=told.reason, by=_by(request), at=at)
    return _told(ended, at)
