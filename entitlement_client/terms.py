"""What the desk says of one feature of one account, as its whole set tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from sys import intern
from typing import Any

from entitlement_client.fallbacks import Fallback, read_fallback
from entitlement_client.instants import read_instant, write_instant

COUNTED = frozenset({"metered", "capacity", "credit"})
FIXED = {"second": 1, "minute": 60, "hour": 3600}  # periods whose next start is known without a calendar


@dataclass(frozen=True, slots=True)
class Use:
    """How far the account has come in the period that runs."""

    used: int
    held: int
    left: int | None
    resets_at: float | None


@dataclass(frozen=True, slots=True)
class Term:
    """One feature. Amounts are in its smallest unit, instants in seconds; lists are tuples, so that equal terms of many
    accounts are kept once. `better`, `choices` and `aggregation` are empty where the desk doesn't tell them."""

    feature: str
    kind: str
    granted: bool
    value: Any
    unlimited: bool
    value_text: str
    state: str
    reset: str | None
    enforcement: str | None
    overage_percent: int | None
    buffer_percent: int
    each_seat_of: str | None
    parts: tuple[tuple[str, int | None], ...]
    valid_until: float | None
    fallback: Fallback
    use: Use | None
    better: str = ""
    choices: tuple[str, ...] = ()
    aggregation: str = ""

    @property
    def counted(self) -> bool:
        return self.kind in COUNTED

    @property
    def limit(self) -> int | None:
        """How much is had in a period; None where nothing is counted, or it has no limit."""
        if not self.counted or self.unlimited:
            return None
        return self.value if self.granted and isinstance(self.value, int) else 0

    def used_at(self, now: float) -> Use | None:
        """How far it has come at the moment: nothing, once the period that was told is over.

        Of a limit a month the next period is the last one known; of a limit a minute, all of them are.
        """
        use = self.use
        if use is None or use.resets_at is None or now < use.resets_at:
            return use
        left = self.limit if use.left is not None and self.kind != "credit" else use.left
        return Use(0, 0, left, _next_start(use.resets_at, FIXED.get(self.reset or ""), now))

    def with_use(self, use: Use | None) -> "Term":
        return replace(self, use=use)


def _next_start(start: float, length: int | None, now: float) -> float | None:
    return None if length is None else start + length * (int((now - start) // length) + 1)


@lru_cache(maxsize=20_000)
def _kept_once(term: Term) -> Term:
    """Accounts of one plan have most terms in common."""
    return term


def read_terms(told: Any) -> dict[str, Term]:
    """The terms of a whole set by feature; ValueError where it is none."""
    try:
        return {term.feature: term for term in map(read_term, told["entitlements"])}
    except (KeyError, TypeError, AttributeError, OverflowError) as fault:
        raise ValueError(f"This is no set of entitlements: {fault!r}.") from None


def read_term(told: Mapping[str, Any]) -> Term:
    value, unlimited, kind = told["value"], told["unlimited"] is True, intern(told["kind"])
    return _kept_once(
        Term(
            feature=intern(told["feature"]),
            kind=kind,
            granted=told["granted"] is True,
            value=_value(value),
            unlimited=unlimited,
            value_text=str(told.get("value_text", "")),
            state=str(told.get("state", "")),
            reset=told.get("reset"),
            enforcement=told.get("enforcement"),
            overage_percent=_whole(told.get("overage_percent")),
            buffer_percent=_whole(told.get("buffer_percent")) or 0,
            each_seat_of=told.get("each_seat_of"),
            parts=tuple((name, _part(part)) for name, part in (told.get("sub_limits") or {}).items()),
            valid_until=read_instant(told["valid_until"]),
            fallback=read_fallback(told.get("fallback")),
            use=_use(told.get("use")),
            better=str(told.get("better") or ""),
            choices=tuple(told.get("choices") or ()),
            aggregation=str(told.get("aggregation") or ""),
        )
    )


def write_term(term: Term) -> dict[str, Any]:
    """In the words it was read from, so that what is stored is read as what is told."""
    use, fallback = term.use, term.fallback
    return {
        **{name: getattr(term, name) for name in _PLAIN},
        "value": list(term.value) if isinstance(term.value, tuple) else term.value,
        "sub_limits": {name: {"value": part, "unlimited": part is None} for name, part in term.parts},
        "choices": list(term.choices),
        "valid_until": write_instant(term.valid_until),
        "fallback": {"on_unreachable": fallback.on_unreachable, "max_age_seconds": fallback.max_age_seconds},
        "use": None
        if use is None
        else {"used": use.used, "held": use.held, "left": use.left, "resets_at": write_instant(use.resets_at)},
    }


_PLAIN = (
    "feature", "kind", "granted", "unlimited", "value_text", "state", "reset", "enforcement", "overage_percent",
    "buffer_percent", "each_seat_of", "better", "aggregation",
)  # fmt: skip


def _value(told: Any) -> Any:
    if isinstance(told, list):
        return tuple(str(choice) for choice in told)
    if told is None or isinstance(told, bool | int | str):
        return told
    raise ValueError(f"{told!r} is no value of a feature.")


def _whole(told: Any) -> int | None:
    if told is None or (isinstance(told, int) and not isinstance(told, bool)):
        return told
    raise ValueError(f"{told!r} is no whole number.")


def _part(told: Mapping[str, Any]) -> int | None:
    return None if told["unlimited"] is True else _whole(told["value"]) or 0


def _use(told: Any) -> Use | None:
    if told is None:
        return None
    used, held = _whole(told["used"]), _whole(told["held"])
    return Use(used or 0, held or 0, _whole(told["left"]), read_instant(told["resets_at"]))
