"""What can be wrong with what a product asks or tells: each has a code of its own, explained in docs/problems.md."""

from http import HTTPStatus

from entitlements.actions.usage.recording import AbsurdQuantity, Contended
from entitlements.api.runtime.answers import FieldFault, ProblemAnswer
from entitlements.domain.usage.operations import UnfitUse
from journal.api.problems import STATUSES, status_of, type_of
from journal.domain.refusal import Invalid, NotFound, Refusal


class Unreadable(Refusal):
    """The body is no JSON."""

    code = "bad_request"


class UnknownAccount(NotFound):
    """No account has the key or id."""

    code = "unknown_account"


class UnknownFeature(NotFound):
    """No feature has the key."""

    code = "unknown_feature"


class WrongType(Invalid):
    """A text where a number belongs, and the like."""

    code = "wrong_type"


class NegativeQuantity(Invalid):
    """Less than nothing, where nothing can be given back."""

    code = "negative_quantity"


class ClockFarOff(Invalid):
    """It is said to have happened when it can't have."""

    code = "clock_far_off"


class TooLateToAsk(Invalid):
    """What may be refused is asked before it is done, and this was done long ago."""

    code = "too_late_to_ask"


class IdMissing(Invalid):
    """Nothing names what was told, so that a repeat would count again."""

    code = "id_missing"


class EventReused(Invalid):
    """The id named something else before."""

    code = "event_reused"


class UnknownChoice(Invalid):
    """The feature knows no such choice."""

    code = "unknown_choice"


class NotCounted(Invalid):
    """Use of it is not counted."""

    code = "not_counted"


class BatchTooLarge(Refusal):
    """More in one request than is taken at once; nothing of it was done."""

    code = "batch_too_large"


class UnknownReservation(NotFound):
    """The account has no such reservation."""

    code = "unknown_reservation"


class NotACloudEvent(Invalid):
    """It doesn't keep to CloudEvents 1.0."""

    code = "not_a_cloud_event"


STATUSES[Unreadable] = HTTPStatus.BAD_REQUEST
STATUSES[BatchTooLarge] = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
STATUSES[Contended] = HTTPStatus.SERVICE_UNAVAILABLE

_OF_USE: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        AbsurdQuantity, NegativeQuantity, ClockFarOff, TooLateToAsk, UnknownChoice, UnknownFeature, NotCounted,
        EventReused,
    )
}  # fmt: skip


def refusal_of(unfit: UnfitUse) -> Refusal:
    """What the engine can't count, as a problem of its kind."""
    return _OF_USE.get(unfit.code, Invalid)(str(unfit), field=unfit.field)


def problem_of(refusal: Refusal) -> ProblemAnswer:
    """The problem document of a refusal, to stand among other answers."""
    status = status_of(refusal)
    faults = [FieldFault(field, " ".join(words)) for field, words in refusal.errors.items() if field]
    return ProblemAnswer(type_of(refusal.code), status.phrase, status, refusal.message, refusal.code, faults)
