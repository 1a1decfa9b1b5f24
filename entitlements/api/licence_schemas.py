"""What is asked about licences and what is answered. Validations are Structs, as the raw application reads them."""

from datetime import UTC, date, datetime
from typing import Annotated

from msgspec import Meta, Struct
from ninja import Field, Schema
from pydantic import StringConstraints

from entitlements.api.runtime.answers import CheckAnswer
from entitlements.api.runtime.requests import Amount, ChoiceName, Point, Subject
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.key_text import LONGEST
from entitlements.domain.licences.standing import LicenceFacts, standing_alone
from entitlements.models.licence import Licence
from journal.api.instants import Instant

_NO_NUL = "^[^\x00]*$"
KeyName = Annotated[
    str,
    Meta(
        min_length=1, max_length=LONGEST, pattern=_NO_NUL, examples=["el_k3vqz7ab_…"],
        description="The licence key. Capitals and spaces don't matter.",
    ),
]  # fmt: skip
Fingerprint = Annotated[
    str,
    Meta(
        max_length=300, pattern=_NO_NUL, examples=["plc-7f3a", "shop.example.com"],
        description="Where it runs: your own name of the device or instance, or the domain.",
    ),
]  # fmt: skip


FeatureAsked = Annotated[
    str, Meta(max_length=64, pattern=_NO_NUL, description="May the account do this, too? The answer is a check's.")
]


class ValidateRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Is this licence good here, now, for this? What is left out is not asked."""

    key: KeyName
    fingerprint: Fingerprint = ""
    environment: Annotated[str, Meta(max_length=40, pattern=_NO_NUL, examples=["production"])] = ""
    version: Annotated[
        str, Meta(max_length=80, pattern=_NO_NUL, description="Of your software, as its release was told.")
    ] = ""
    feature: FeatureAsked = ""
    quantity: Amount | None = None
    subject: Subject = ""
    choice: ChoiceName = ""
    point: Point = ""
    file: Annotated[
        str, Meta(max_length=40, pattern=_NO_NUL, description="The `jti` of the licence file it runs by.")
    ] = ""


class LicenceBrief(Struct, frozen=True, kw_only=True):
    """What the key leads to. Instants are UTC."""

    prefix: Annotated[str, Meta(description="The part of the key that may be shown.")]
    name: str
    environment: str
    expires_at: datetime | None
    maintenance_until: date | None


class ActivationBrief(Struct, frozen=True, kw_only=True):
    """The place that was asked about. `over`: beyond the limit, and let in."""

    fingerprint: str
    name: str
    activated_at: datetime
    over: bool


class ValidateAnswer(Struct, frozen=True, kw_only=True):
    """Whether it is good. `code` is for programs: docs/reason-codes.md explains each, and it never changes its meaning."""

    valid: bool
    code: Code
    because: Annotated[str, Meta(description="In words.")]
    account: Annotated[str | None, Meta(description="Whose entitlements it has; null where nobody has the key.")] = None
    licence: LicenceBrief | None = None
    activation: ActivationBrief | None = None
    entitlement: Annotated[
        CheckAnswer | None, Meta(description="With `feature`, once the licence itself is good: what a check answers.")
    ] = None


Key = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
Text = Annotated[str, StringConstraints(max_length=200)]
Place = Annotated[str, StringConstraints(max_length=300)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class KeyIn(Schema):
    """The licence key is all it takes; an API key may come beside it."""

    key: Key = Field(description="The licence key.", examples=["el_k3vqz7ab_…"])


class PlaceIn(KeyIn):
    fingerprint: Place = Field(description="Where it runs.", examples=["plc-7f3a", "shop.example.com"])


class ActivateIn(PlaceIn):
    name: Text = Field("", description="For people, such as “Press 4”.")


class FileIn(KeyIn):
    fingerprint: Place = Field("", description="Where it runs; may be left out where the licence isn't counted.")


class ActivationOut(Schema):
    """`again`: it was active there already. `code`: `ok`, or `over_activation_limit_ok` beyond the limit."""

    account: str
    licence: str
    fingerprint: str
    name: str
    activated_at: datetime
    released_at: datetime | None = None
    again: bool = False
    code: str = Code.OK.value


class FileOut(Schema):
    """The whole text between its marks, as it is kept in a file."""

    file: str


class IssueIn(Schema):
    account: Text
    policy: Text = Field(description="The key of the licence policy.")
    subscription: int | None = Field(None, description="The number of the subscription that it sleeps with.")
    name: Text = ""
    environment: Annotated[str, StringConstraints(max_length=40)] = ""
    through_on: date | None = Field(None, description="Its last day, in the account's zone.")
    expires_at: Instant | None = Field(None, description="Or the instant it ends.")
    maintenance_until: date | None = Field(None, description="Left out: by the policy, from today.")


class ReasonIn(Schema):
    reason: Reason


class ResumeIn(Schema):
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class TransferIn(ReasonIn):
    account: Text = Field(description="Whose it becomes.")
    subscription: int | None = Field(None, description="One of the new account's, that it sleeps with from then on.")


class LicenceOut(Schema):
    """A licence as it stands; `valid`, `code` and `because` are of the licence itself, wherever it runs."""

    prefix: str
    account: str
    policy: str
    name: str
    environment: str
    subscription: int | None
    issued_at: datetime
    expires_at: datetime | None
    through_on: date | None
    maintenance_until: date | None
    suspended_at: datetime | None
    revoked_at: datetime | None
    activations: list[str] = Field(description="Where it is active, by fingerprint.")
    valid: bool
    code: str
    because: str


class IssuedOut(LicenceOut):
    key: str | None = Field(
        description="Shown this once, and kept nowhere; null where an Idempotency-Key is repeated.",
    )


class LicenceList(Schema):
    account: str
    licences: list[LicenceOut]


class PublicKey(Schema):
    """Without `x` where it is compromised: nothing signed with it is to be believed."""

    kty: str
    crv: str
    kid: str
    x: str | None = None
    alg: str | None = None
    use: str | None = None
    compromised: bool | None = None


class KeySet(Schema):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[PublicKey]


def render_licence(row: Licence, facts: LicenceFacts, at: datetime) -> LicenceOut:
    ruling = standing_alone(facts, at=at)
    return LicenceOut(
        prefix=row.prefix, account=row.account.key, policy=row.policy.key, name=row.name, environment=row.environment,
        subscription=row.subscription.number if row.subscription else None, issued_at=row.issued_at.astimezone(UTC),
        expires_at=_utc(row.expires_at), through_on=row.through_on, maintenance_until=row.maintenance_until,
        suspended_at=_utc(row.suspended_at), revoked_at=_utc(row.revoked_at),
        activations=[one.fingerprint for one in facts.activations],
        valid=ruling.valid, code=ruling.code.value, because=ruling.because,
    )  # fmt: skip


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
