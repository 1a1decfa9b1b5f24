"""Licences for engineers (docs/licences.md): asked and activated by their keys, issued and steered by an API key."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from entitlements.actions.licences.activating import activate, deactivate, heartbeat
from entitlements.actions.licences.files import issue_file
from entitlements.actions.licences.refusals import KeyMalformed, UnknownKey
from entitlements.api.licence_access import KeyOrLicence, asker, licence_asked
from entitlements.api.licence_schemas import (
    ActivateIn,
    ActivationOut,
    FileIn,
    FileOut,
    KeySet,
    PlaceIn,
    ValidateAnswer,
    ValidateRequest,
)
from entitlements.api.licence_validation import answered, nobodys
from entitlements.api.runtime.answers import encode
from entitlements.api.runtime.document import PROBLEMS, described
from entitlements.api.runtime.requests import decode
from entitlements.domain.licences.codes import Code
from entitlements.models.licence import Licence, LicenceActivation
from entitlements.queries.licences.known import Known
from entitlements.queries.licences.signing import key_set
from journal.api.idempotency import idempotent_by_itself

SECURITY: dict[str, Any] = {"security": [{"KeyOrLicence": []}, {}]}
router = Router(tags=["Licences"], auth=KeyOrLicence())


@router.post(
    "/licences/validate",
    response=PROBLEMS,
    summary="Is this licence good here?",
    url_name="licence_validate",
    openapi_extra={**described(ValidateRequest, ValidateAnswer), **SECURITY},
)
@idempotent_by_itself
def licence_validate(request: HttpRequest) -> Any:
    """Licence key, place, environment, version and feature in one answer; always 200 where it can be read. `code` says
    why not. The licence key is all it takes. What is valid counts against the policy's cap a month, if it has one.
    """
    asked = decode(request.body, ValidateRequest)
    try:
        known = licence_asked(request, asked.key)
    except (KeyMalformed, UnknownKey) as refusal:
        return _said(nobodys(Code(refusal.code)))
    return _said(answered(known, asked, now=timezone.now()))


@router.post(
    "/licences/activate",
    response={200: ActivationOut, **PROBLEMS},
    summary="Activate a licence where it runs",
    url_name="licence_activate",
    openapi_extra=SECURITY,
)
@idempotent_by_itself
def licence_activate(request: HttpRequest, told: ActivateIn) -> Any:
    """Take one of the licence's places for a device, an instance or a domain. The same place again takes no second one,
    so that a repeat does no harm. A domain covers itself and `www.` before it.
    """
    known = licence_asked(request, told.key)
    done = activate(
        licence=_row(known), fingerprint=told.fingerprint, name=told.name, by=asker(request, known), at=timezone.now()
    )
    return _activation(known, done.activation, again=done.again, code=done.code)


@router.post(
    "/licences/deactivate",
    response={200: ActivationOut, **PROBLEMS},
    summary="Release a place",
    url_name="licence_deactivate",
    openapi_extra=SECURITY,
)
@idempotent_by_itself
def licence_deactivate(request: HttpRequest, told: PlaceIn) -> Any:
    """Give the place free for another one. Where it isn't active any more, that is told (409 `not_activated`)."""
    known = licence_asked(request, told.key)
    by, at = asker(request, known), timezone.now()
    return _activation(known, deactivate(licence=_row(known), fingerprint=told.fingerprint, by=by, at=at))


@router.post(
    "/licences/heartbeat",
    response={200: ActivationOut, **PROBLEMS},
    summary="Say that it still runs",
    url_name="licence_heartbeat",
    openapi_extra=SECURITY,
)
@idempotent_by_itself
def licence_heartbeat(request: HttpRequest, told: PlaceIn) -> Any:
    """Where the policy asks for heartbeats, send one well within its time: what is silent for longer gives its place
    free, and takes a new one with its next heartbeat if there is any.
    """
    known = licence_asked(request, told.key)
    by, at = asker(request, known), timezone.now()
    return _activation(known, heartbeat(licence=_row(known), fingerprint=told.fingerprint, by=by, at=at))


@router.post(
    "/licences/file",
    response={200: FileOut, **PROBLEMS},
    summary="A file to run by without asking",
    url_name="licence_file",
    openapi_extra=SECURITY,
)
@idempotent_by_itself
def licence_file(request: HttpRequest, told: FileIn) -> Any:
    """A signed file for a place where the licence is active, with what its account has. It can't be taken back before
    its end, so ask for a new one in good time rather than for a long one.
    """
    known = licence_asked(request, told.key)
    by, at = asker(request, known), timezone.now()
    return FileOut(file=issue_file(licence=_row(known), fingerprint=told.fingerprint, by=by, at=at))


@router.get(
    "/licences/keys",
    response=KeySet,
    exclude_none=True,
    auth=None,
    summary="Public keys of licence files",
    url_name="licence_keys",
    openapi_extra={"security": [{}]},
)
def licence_keys(request: HttpRequest, response: HttpResponse) -> Any:
    """The keys that licence files are verified with, as a JSON Web Key Set. Public: build it into the software, and
    read it again when a file names a key you don't know.
    """
    response["Cache-Control"] = "public, max-age=3600"
    return key_set(timezone.now())


def _row(known: Known) -> Licence:
    rows = Licence.objects.select_related("policy__activation_feature", "account", "subscription")
    return rows.get(pk=known.licence_id)


def _activation(known: Known, row: LicenceActivation, *, again: bool = False, code: Code = Code.OK) -> ActivationOut:
    return ActivationOut(
        account=known.account.key, licence=known.facts.prefix, fingerprint=row.fingerprint, name=row.name,
        activated_at=row.activated_at, released_at=row.released_at, again=again, code=code.value,
    )  # fmt: skip


def _said(answer: ValidateAnswer) -> HttpResponse:
    return HttpResponse(encode(answer), content_type="application/json")
