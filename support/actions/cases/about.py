"""What a case is about: the product, the device and the cover that whoever opens it names.

Each is refused at its own field where nobody has it, or where it isn't the customer's: with what there is instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from entitlements.models import Account
from journal.domain.refusal import Invalid
from support.actions.assets.held import product_of
from support.actions.cases.handling import spoken
from support.domain.covers import Choice
from support.models import Asset, Product
from support.queries.assets.finding import asset_by_serial
from support.queries.cases.promising import contact_of
from support.queries.covering import About
from support.snapshots.covers import holder_at

MOST_NAMED = 8


class UnknownAsset(Invalid):
    """No equipment has this serial number, or more than one piece of it has."""

    code = "unknown_asset"


class ForeignAsset(Invalid):
    """The equipment is another account's."""

    code = "foreign_asset"


class UnknownCover(Invalid):
    """The account has no such cover."""

    code = "unknown_cover"


class CoverNotApplying(Invalid):
    """The cover doesn't apply to this case."""

    code = "cover_not_applying"


@dataclass(frozen=True, slots=True)
class Named:
    """The rows that were named; `cover` is a key as candidates bear it."""

    product: Product | None = None
    asset: Asset | None = None
    cover: str = ""

    def about(self, account: Account | None, *, requester: str, channel: str) -> About:
        return About(
            asset=self.asset,
            product=None if self.product is None else self.product.pk,
            contact=contact_of(account, requester),
            channel=channel,
            chosen=self.cover,
        )


def named(account: Account | None, *, product: str, asset: str, cover: str, at: datetime) -> Named:
    """What these words name for the account at the instant. A device brings its product along."""
    kind = product_of(product) if spoken(product) else None
    device = asset_of(account, asset, product=kind, at=at) if spoken(asset) else None
    if device is not None and kind is not None and device.product_id != kind.pk:
        raise Invalid(f"{device} is a {device.product}, no {kind}. Leave the product out.", field="product")
    if spoken(cover) and account is None:
        raise CoverNotApplying("Nobody knows yet whose case this is; choose a cover once that is known.", field="cover")
    return Named(kind if device is None else device.product, device, spoken(cover))


def asset_of(account: Account | None, text: str, *, product: Product | None, at: datetime) -> Asset:
    """By its serial number, or by product and serial ("pump_x:SN-1"); of several the account's own is meant."""
    told = spoken(text)
    found = _of_product(told, product)
    if not found:
        raise UnknownAsset(
            f"No equipment has the serial number {told[:80]!r}. Look at the plate; or leave it out, and the case opens "
            "without a device.",
            field="asset",
        )
    own = found if account is None else [one for one in found if account.pk in (one.account_id, holder_at(one, at=at))]
    if not own:
        raise ForeignAsset(_foreign(found, account), field="asset")
    if len(own) > 1:
        ways = ", ".join(f"{one.product.key}:{one.serial}" for one in own[:MOST_NAMED])
        raise UnknownAsset(f"Several have this serial number. Name the product before it: {ways}.", field="asset")
    return own[0]


def _of_product(told: str, product: Product | None) -> list[Asset]:
    """A serial number may have a colon of its own, so the whole of it is looked for first."""
    found = asset_by_serial(told)
    key, _, serial = told.partition(":")
    if not found and serial:
        found = [one for one in asset_by_serial(serial) if one.product.key == key.strip().lower()]
    if product is not None and len(found) > 1:
        found = [one for one in found if one.product_id == product.pk] or found
    return found


def _foreign(found: Sequence[Asset], account: Account | None) -> str:
    """Whose it is stays unsaid: whoever tells of a case need not know other customers."""
    return (
        f"{found[0]} is not {account}’s. Look at the serial number, give the case to the customer who has the device, "
        "or move the device first."
    )


def refuse_unfit_cover(choice: Choice, cover: str) -> None:
    """An explicit choice has to be one that the account has and that applies; the rest is named."""
    if not cover:
        return
    candidate = choice.candidate(cover)
    kept = [f"{one.cover.key} ({one.cover.name})" for one in choice.candidates if one.kept]
    there = f"There are: {', '.join(kept[:MOST_NAMED])}." if kept else "None applies; leave it out."
    if candidate is None:
        raise UnknownCover(f"This account has no cover {cover[:40]!r} for that. {there}", field="cover")
    if not candidate.kept:
        raise CoverNotApplying(f"{candidate.cover.name} doesn’t apply. {candidate.reason} {there}", field="cover")
