"""Why a licence is good for something or not: one code for each reason. They never change their meaning.

docs/reason-codes.md explains them all, with those that the reading side of licence files says beside these. The words
here are the sentence where nothing more is known; a ruling says it with dates and names.
"""

from enum import StrEnum


class Code(StrEnum):
    OK = "ok"
    OVER_ACTIVATION_LIMIT_OK = "over_activation_limit_ok"
    KEY_MALFORMED = "key_malformed"
    UNKNOWN_KEY = "unknown_key"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_CLOSED = "account_closed"
    SUBSCRIPTION_OVER = "subscription_over"
    WRONG_ENVIRONMENT = "wrong_environment"
    UNKNOWN_VERSION = "unknown_version"
    VERSION_NOT_COVERED = "version_not_covered"
    FINGERPRINT_MALFORMED = "fingerprint_malformed"
    NOT_ACTIVATED = "not_activated"
    ACTIVATION_LIMIT_REACHED = "activation_limit_reached"
    HEARTBEAT_LOST = "heartbeat_lost"
    FEATURE_REFUSED = "feature_refused"
    VALIDATIONS_USED_UP = "validations_used_up"
    NO_OFFLINE_FILES = "no_offline_files"
    FILE_STILL_OUT = "file_still_out"
    FILE_UNKNOWN = "file_unknown"
    FILE_KEY_COMPROMISED = "file_key_compromised"

    @property
    def valid(self) -> bool:
        return self in {Code.OK, Code.OVER_ACTIVATION_LIMIT_OK}

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Code.OK: "The licence is good.",
    Code.OVER_ACTIVATION_LIMIT_OK: "The licence is good, and runs in more places than was bought.",
    Code.KEY_MALFORMED: "This is no licence key as it stands: a character is missing, or mistyped.",
    Code.UNKNOWN_KEY: "No licence has this key.",
    Code.REVOKED: "The licence was revoked for good.",
    Code.SUSPENDED: "The licence is suspended.",
    Code.EXPIRED: "The licence has expired.",
    Code.ACCOUNT_SUSPENDED: "The customer's account is suspended.",
    Code.ACCOUNT_CLOSED: "The customer's account is closed.",
    Code.SUBSCRIPTION_OVER: "The subscription that the licence hangs on gives nothing now.",
    Code.WRONG_ENVIRONMENT: "The licence is for another environment.",
    Code.UNKNOWN_VERSION: "No release of this version was told, so nobody can say whether it is covered.",
    Code.VERSION_NOT_COVERED: "The version was released after the end of maintenance.",
    Code.FINGERPRINT_MALFORMED: "This can't name a place where software runs.",
    Code.NOT_ACTIVATED: "The licence is not active here.",
    Code.ACTIVATION_LIMIT_REACHED: "The licence runs in as many places as it may.",
    Code.HEARTBEAT_LOST: "The activation was silent for too long, and gave its place free.",
    Code.FEATURE_REFUSED: "The licence is good, but the account may not do this.",
    Code.VALIDATIONS_USED_UP: "The licence was validated as often as it may be in this month.",
    Code.NO_OFFLINE_FILES: "Licences of this policy don't run without asking.",
    Code.FILE_STILL_OUT: "Software may still run there by a licence file, so the place isn't free yet.",
    Code.FILE_UNKNOWN: "No such file was given out for this licence.",
    Code.FILE_KEY_COMPROMISED: "The file was signed with a key that is trusted no more.",
}
