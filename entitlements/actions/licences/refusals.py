"""What a licence doesn't let anybody do, each with the reason code that a validation would say (docs/reason-codes.md)."""

from entitlements.domain.licences.activations import UnfitFingerprint, normalised
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.policy import BoundTo
from entitlements.domain.licences.standing import Ruling
from journal.domain.refusal import Invalid, NotFound, Refusal


class KeyMalformed(Invalid):
    """It can't be a licence key: cut short, or mistyped."""

    code = "key_malformed"


class UnknownKey(NotFound):
    """Nobody has this key, or had it before the licence got a new one."""

    code = "unknown_key"


class Revoked(Refusal):
    """The licence was revoked for good."""

    code = "revoked"


class Suspended(Refusal):
    """The licence is suspended."""

    code = "suspended"


class Expired(Refusal):
    """The licence has expired."""

    code = "expired"


class AccountSuspended(Refusal):
    """The customer's account is suspended."""

    code = "account_suspended"


class AccountClosed(Refusal):
    """The customer's account is closed."""

    code = "account_closed"


class SubscriptionGivesNothing(Refusal):
    """The subscription that the licence hangs on gives nothing."""

    code = "subscription_over"


class FingerprintMalformed(Invalid):
    """It names no device, instance or domain."""

    code = "fingerprint_malformed"


class NotActivated(Refusal):
    """The licence isn't active there."""

    code = "not_activated"


class ActivationLimitReached(Refusal):
    """The licence runs in as many places as it may."""

    code = "activation_limit_reached"


class HeartbeatLost(Refusal):
    """The activation was silent for too long, and its place was taken."""

    code = "heartbeat_lost"


class NoOfflineFiles(Refusal):
    """Licences of this policy don't run without asking."""

    code = "no_offline_files"


class FileStillOut(Refusal):
    """Software may run there by a file until its end, whoever releases the place."""

    code = "file_still_out"


_KINDS: dict[Code, type[Refusal]] = {
    Code(kind.code): kind
    for kind in (
        KeyMalformed, UnknownKey, Revoked, Suspended, Expired, AccountSuspended, AccountClosed,
        SubscriptionGivesNothing, FingerprintMalformed, NotActivated, ActivationLimitReached, HeartbeatLost,
        NoOfflineFiles, FileStillOut,
    )
}  # fmt: skip


def refusal_of(code: Code, words: str = "") -> Refusal:
    """The refusal that says this reason."""
    return _KINDS[code](words or code.words)


def require_valid(ruling: Ruling) -> None:
    """Raise the refusal of its reason, unless the ruling is that the licence is good."""
    if not ruling.valid:
        raise refusal_of(ruling.code, ruling.because)


def fingerprint_of(text: str, *, bound_to: BoundTo) -> str:
    """As it is kept and compared; FingerprintMalformed where it names no place."""
    try:
        return normalised(text, bound_to=bound_to)
    except UnfitFingerprint as unfit:
        raise FingerprintMalformed(str(unfit), field="fingerprint") from None
