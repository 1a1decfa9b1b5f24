"""Is this licence good here, now, for this: one answer out of the licence, its place, and what its account may do.

`answered` is the definition; the raw application says the same from memory (api/hot/licences.py).
"""

from datetime import UTC, datetime

from msgspec import structs

from entitlements.actions.licences.noting import count_validation
from entitlements.api.licence_access import software_of
from entitlements.api.licence_schemas import ActivationBrief, LicenceBrief, ValidateAnswer, ValidateRequest
from entitlements.api.runtime.checking import check
from entitlements.api.runtime.requests import CheckRequest
from entitlements.domain.licences.activations import Place
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.standing import LicenceFacts, Question, active_at, standing_of, used_up
from entitlements.queries.licences.known import Known
from entitlements.queries.licences.signing import file_of


def nobodys(code: Code) -> ValidateAnswer:
    """Where there is no licence to say anything of."""
    return ValidateAnswer(valid=False, code=code, because=code.words)


def answered(known: Known, asked: ValidateRequest, *, now: datetime) -> ValidateAnswer:
    """The whole answer. What is refused isn't counted against a cap on validations."""
    answer = by_licence(known, asked, now=now)
    if answer.valid and asked.file:
        answer = _with(answer, _code_of_file(known, asked.file))
    if answer.valid and asked.feature:
        answer = _by_account(known, asked, answer, now)
    cap = known.facts.validations_a_month
    if answer.valid and cap is not None and not count_validation(licence_id=known.licence_id, cap=cap, at=now):
        answer = _with(answer, Code.VALIDATIONS_USED_UP, used_up(cap).because)
    return answer


def by_licence(known: Known, asked: ValidateRequest, *, now: datetime) -> ValidateAnswer:
    """By the licence and its place alone."""
    question = Question(asked.fingerprint, asked.environment, asked.version)
    ruling = standing_of(known.facts, question=question, at=now)
    return ValidateAnswer(
        valid=ruling.valid,
        code=ruling.code,
        because=ruling.because,
        account=known.account.key,
        licence=brief(known),
        activation=_place(known.facts, asked.fingerprint, now),
    )


def brief(known: Known) -> LicenceBrief:
    facts = known.facts
    return LicenceBrief(
        prefix=facts.prefix,
        name=known.name,
        environment=facts.environment,
        expires_at=None if facts.expires_at is None else facts.expires_at.astimezone(UTC),
        maintenance_until=facts.maintenance_until,
    )


def _place(facts: LicenceFacts, fingerprint: str, now: datetime) -> ActivationBrief | None:
    """The place asked about, where it is active."""
    active = active_at(facts, fingerprint, at=now)
    if active is None:
        return None
    found, place = active
    return ActivationBrief(
        fingerprint=found.fingerprint,
        name=found.name,
        activated_at=found.activated_at.astimezone(UTC),
        over=place is Place.OVER,
    )


def _by_account(known: Known, asked: ValidateRequest, answer: ValidateAnswer, now: datetime) -> ValidateAnswer:
    """With what its account may do; a Refusal where the check can't be asked."""
    request = CheckRequest(
        account=known.account.key, feature=asked.feature, quantity=asked.quantity, subject=asked.subject,
        choice=asked.choice, point=asked.point,
    )  # fmt: skip
    told = check(request, by=software_of(known), now=now)
    answer = structs.replace(answer, entitlement=told)
    return answer if told.allowed else _with(answer, Code.FEATURE_REFUSED, told.because)


def _code_of_file(known: Known, file_id: str) -> Code:
    found = file_of(known.licence_id, file_id)
    if found is None:
        return Code.FILE_UNKNOWN
    return Code.FILE_KEY_COMPROMISED if found.signing_key.compromised else Code.OK


def _with(answer: ValidateAnswer, code: Code, words: str = "") -> ValidateAnswer:
    """The same with another reason, unless it is that all is well."""
    if code is Code.OK:
        return answer
    return structs.replace(answer, valid=code.valid, code=code, because=words or code.words)
