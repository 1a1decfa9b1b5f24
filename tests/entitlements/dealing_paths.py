"""The ways by which a contract is signed, a loan recalled, a duplicate merged and accounts imported, as `paths` tries
those of overrides."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.actions.imports import upload
from catalog.models import ImportRun
from entitlements.actions.contract_signing import sign
from entitlements.actions.loans import recall
from entitlements.actions.merging import ask_to_merge
from entitlements.models import Loan
from entitlements.queries.contracts.token import draft_token
from entitlements.queries.loans import token_of
from entitlements.queries.merging import merge_token
from journal.domain.refusal import Refusal
from tests.entitlements.admin.reading import url
from tests.entitlements.paths import REFUSED, Attempt, World
from tests.entitlements.world import AT

FILE = b"Key,Name\nnewcomer,Newcomer\n"


def _by_api(w: World, a: Attempt, path: str, told: dict[str, str]) -> int:
    headers = {"Authorization": f"Bearer {w.keys.get(a.role, '')}"}
    page = f"/api/v1/accounts/acme{path}"
    return Client().post(page, data=told, content_type="application/json", headers=headers).status_code


def sign_page(w: World, a: Attempt) -> int:
    told = {"seen": a.seen or draft_token(w.draft)}
    return w.desk(a.role).post(url("contract_sign", w.draft.contract_id), told).status_code


def sign_by_api(w: World, a: Attempt) -> int:
    return _by_api(w, a, f"/contracts/{w.draft.contract.key}/sign", {})


def sign_action(w: World, a: Attempt) -> int:
    try:
        sign(version=w.draft, by=w.person(a.role), at=AT, seen=a.seen or None)
    except Refusal:
        return REFUSED
    return 200


def _loan(w: World, a: Attempt) -> Loan:
    return Loan.objects.get(pk=(w.holding_down if a.about == "cap" else w.lent).pk)


def recall_page(w: World, a: Attempt) -> int:
    loan = _loan(w, a)
    told = {"reason": "Over", "seen": a.seen or token_of(loan)}
    return w.desk(a.role).post(url("loan_recall", loan.pk), told).status_code


def recall_by_api(w: World, a: Attempt) -> int:
    loan = _loan(w, a)
    return _by_api(w, a, f"/loans/{loan.pk}/recall", {"reason": "Over", "seen": a.seen or token_of(loan)})


def recall_action(w: World, a: Attempt) -> int:
    try:
        recall(loan=_loan(w, a), reason="Over", by=w.person(a.role), at=AT, seen=a.seen or None)
    except Refusal:
        return REFUSED
    return 200


def merge_page(w: World, a: Attempt) -> int:
    seen = a.seen or merge_token(duplicate=w.duplicate, into=w.acme.account)
    told = {"other": w.duplicate.key, "reason": "One customer", "seen": seen}
    return w.desk(a.role).post(url("account_merge", "acme"), told).status_code


def merge_action(w: World, a: Attempt) -> int:
    told = {"into": w.acme.account, "reason": "One customer", "seen": a.seen or None}
    try:
        ask_to_merge(duplicate=w.duplicate, by=w.person(a.role), at=AT, **told)
    except Refusal:
        return REFUSED
    return 200


def import_page(w: World, a: Attempt) -> int:
    """The file is brought, its columns named, and its rows let loose."""
    desk, file = w.desk(a.role), SimpleUploadedFile("accounts.csv", FILE)
    status = desk.post(reverse("admin:catalog_import_new"), {"kind": "accounts", "file": file}).status_code
    for name, rest in (("columns", ()), ("step", ("apply",))):
        run = ImportRun.objects.first() or w.brought
        told = {"key": "0", "name": "1", "whole": "no"}
        status = desk.post(reverse(f"admin:catalog_import_{name}", args=[run.pk, *rest]), told).status_code
    return status


def import_action(w: World, a: Attempt) -> int:
    try:
        upload(kind="accounts", file_name="accounts.csv", data=FILE, by=w.person(a.role), at=AT)
    except Refusal:
        return REFUSED
    return 200
