"""Bundles and promotional codes in words, and how often a code was redeemed."""

from collections.abc import Iterable

from catalog.domain.promotions import code_key
from catalog.domain.values import UNLIMITED, AddOnEffect, Nature, Value
from catalog.domain.window import Window
from catalog.domain.words import say_value
from catalog.models import Bundle, Feature, Plan, PromoCode
from catalog.models.offer import Gift
from catalog.models.term import read_value
from catalog.queries.instants import say_instant

EFFECT_WORDS = {
    AddOnEffect.ADDS: "adds to what the plan gives",
    AddOnEffect.REPLACES: "replaces what the plan gives",
}


def find_code(text: str) -> PromoCode | None:
    """The code that was meant, however it was typed."""
    return PromoCode.objects.filter(code_key=code_key(text)).first() if code_key(text) else None


def say_effect(add_on: Plan) -> str:
    """What an add-on does beside a plan."""
    return EFFECT_WORDS[AddOnEffect(add_on.effect)]


def say_days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def say_gift(code: PromoCode) -> str:
    """ "30 days of Pro to try", "2 × IPv4 for 30 days", "Storage: 20 GB more for 30 days"."""
    match code.gives:
        case Gift.TRIAL:
            return f"{say_days(code.days)} of {code.plan} to try"
        case Gift.ADD_ON:
            times = f"{code.quantity} × " if code.quantity > 1 else ""
            return f"{times}{code.plan} for {say_days(code.days)}"
        case _:
            assert code.feature is not None  # the database says so
            return f"{code.feature}: {_say_override(code, code.feature)} for {say_days(code.days)}"


def _say_override(code: PromoCode, feature: Feature) -> str:
    if feature.shape.nature is Nature.GATE:
        return "on"
    value = given_value(code)
    said = "" if value is None else say_value(value, shape=feature.shape, typed_unit=code.typed_unit)
    return {"add": f"{said} more", "at_least": f"at least {said}"}.get(code.mode, said)


def given_value(code: PromoCode) -> Value | None:
    """The value of an override a code gives, as its columns say."""
    if code.feature is None:
        return None
    return UNLIMITED if code.unlimited else read_value(code, shape=code.feature.shape)


def window_of(row: Bundle | PromoCode) -> Window:
    return Window(row.starts_at, row.ends_at)


def say_window(row: Bundle | PromoCode, *, zone: str) -> str:
    """ "from 1 March 2026 (Amsterdam) until 1 June 2026 (Amsterdam)", or "without limit in time"."""
    start = f"from {say_instant(row.starts_at, zone=zone)}" if row.starts_at else ""
    end = f"until {say_instant(row.ends_at, zone=zone)}" if row.ends_at else ""
    return " ".join(part for part in (start, end) if part) or "without limit in time"


def redeemed(code: PromoCode) -> int:
    """How often the code counts as used; what was taken back gives its place back."""
    return code.redemptions.filter(revoked_at__isnull=True).count()


def uses_of_code(code: PromoCode, *, newest: int = 20) -> list[tuple[str, str, bool]]:
    """Who used it last: the customer, when, and whether it still counts. The rows are another app's: read, no more."""
    rows = code.redemptions.select_related("account").order_by("-redeemed_at", "-pk")[:newest]
    return [(str(row.account), say_instant(row.redeemed_at), row.revoked_at is None) for row in rows]


def say_use(code: PromoCode, *, used: int) -> str:
    """ "12 of 100", "12, no limit"."""
    return f"{used}, no limit" if code.max_redemptions is None else f"{used} of {code.max_redemptions}"


def say_bundle(bundle: Bundle, *, add_ons: Iterable[Plan]) -> str:
    """ "Any 3 of IPv4, Log drain, HIPAA, Custom domain, Phone MFA"."""
    return f"Any {bundle.pick} of {', '.join(add_on.name for add_on in add_ons)}"


def options_of(bundle: Bundle) -> list[Plan]:
    """The add-ons a bundle offers, in the order in which finance listed them."""
    return [option.add_on for option in bundle.options.select_related("add_on")]
