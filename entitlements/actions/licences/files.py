"""Files that let software run without asking: signed, for one place, with an end (domain/licences/files.py).

A file can't be taken back. That it was given out is kept, so that whoever revokes a licence sees until when somebody
may run by it.
"""

import secrets
from datetime import datetime

import jwt
from django.db import transaction

from entitlements.actions.licences.keys import private_half, signing_key_in_use
from entitlements.actions.licences.locking import USE, lock_licence, require
from entitlements.actions.licences.refusals import NoOfflineFiles, fingerprint_of, require_valid
from entitlements.domain.facts import Facts
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.files import ALGORITHM, LARGEST, TYPE, FileTerms, claims_of, ends_at, wrapped
from entitlements.domain.licences.standing import LicenceFacts, Question, standing_of
from entitlements.domain.resolve import resolve
from entitlements.models.licence import Licence, LicenceActivation, LicenceFile, SigningKey
from entitlements.queries.licences.reading import facts_in, known_end
from entitlements.snapshots import Reader, snapshot_facts
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

PERMISSION = "entitlements.manage_activation"
SCOPE = USE


class FileTooLarge(Refusal):
    """So many entitlements don't fit into one file."""

    code = "file_too_large"


@transaction.atomic
def issue_file(*, licence: Licence, fingerprint: str, by: Actor, at: datetime) -> str:
    """Gave out a signed licence file for a place where the licence is active; its whole text.

    Without a fingerprint it is for any place, which only a licence that isn't counted by its activations may be.
    """
    require(by, PERMISSION, scope=SCOPE)
    row = lock_licence(licence)
    account = snapshot_facts(row.account_id, reader=Reader())
    facts = facts_in(account, row, at)
    if facts.offline_days is None:
        raise NoOfflineFiles(Code.NO_OFFLINE_FILES.words)
    device = fingerprint_of(fingerprint, bound_to=facts.bound_to) if fingerprint.strip() else ""
    require_valid(standing_of(facts, question=Question(device, environment=facts.environment), at=at))
    terms = _terms(row, account, facts, facts.offline_days, device, at)
    key = signing_key_in_use(at=at)
    text = _signed(terms, facts, account, key)
    LicenceFile.objects.create(
        licence=row, signing_key=key, file_id=terms.file_id, issued_at=at, expires_at=terms.ends_at, given_to=by.name,
        activation=LicenceActivation.objects.filter(licence=row, fingerprint=device, released_at=None).first(),
    )  # fmt: skip
    record(
        begin(by=by, at=at), "licence:give_file", subject=row, account_key=row.account.key,
        changes={f"file for {device or 'any place'}": [None, terms.ends_at]},
    )  # fmt: skip
    return text


def _terms(
    licence: Licence, account: Facts, facts: LicenceFacts, days: int, device: str, at: datetime
) -> FileTerms:  # fmt: skip
    subscription = licence.subscription
    latest = ends_at(facts, days=days, subscription_ends_at=subscription.ends_at if subscription else None, at=at)
    known = known_end(account, licence, at=at, until=latest)
    end = latest if known is None else known.replace(microsecond=0)
    if end <= at:
        raise Refusal("The licence ends within this second, so no file is given out for it.")
    return FileTerms(
        file_id=secrets.token_hex(16), account=licence.account.key, name=licence.name, policy=licence.policy.key,
        device=device, issued_at=at, ends_at=end,
    )  # fmt: skip


def _signed(terms: FileTerms, facts: LicenceFacts, account: Facts, key: SigningKey) -> str:
    claims = claims_of(terms, facts, resolve(account, at=terms.issued_at))
    token = jwt.encode(claims, private_half(key), algorithm=ALGORITHM, headers={"kid": key.kid, "typ": TYPE})
    text = wrapped(token)
    if len(text) > LARGEST:
        raise FileTooLarge("The account has more entitlements than fit into one file. Have the software ask online.")
    return text
