"""What changes around a plan's terms: its trial, its prices, what it is called and what its features are called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from catalog.domain.version_diff import Change, ChangeKind

USUAL_GRACE = 14


@dataclass(frozen=True, slots=True)
class Sale:
    """How one version is sold. `prices` are in words, by what they are for ("Price a month")."""

    trial_days: int | None = None
    after_trial: str = ""  # the plan that follows a trial nobody converts; "" is that it ends
    grace_days: int | None = None  # how long it serves after a failed payment; None is as usual
    wind_down_days: int | None = None  # how long access goes on for a customer who leaves; None is not at all
    prices: Mapping[str, str] = field(default_factory=dict)


def diff_sale(*, plan: str, old: Sale, new: Sale) -> tuple[Change, ...]:
    """Every difference but for the names.

    A shorter trial or grace, and fewer days of access for who leaves, are lowerings; another price is just another
    price.
    """
    return (*_trial(plan, old, new), *_after(plan, old, new), *_graces(plan, old, new), *_prices(plan, old, new))


def renamed(*, plan: str, names: Iterable[tuple[str, str, str]]) -> tuple[Change, ...]:
    """What bears another name now: the key or "Name", the name it had, and the one it has."""
    return tuple(
        Change(ChangeKind.RENAMED, key, was, is_now, f"{plan}: {was} is called {is_now} now")
        for key, was, is_now in names
        if was != is_now
    )


def _trial(plan: str, old: Sale, new: Sale) -> Iterator[Change]:
    was, is_now = old.trial_days, new.trial_days
    if was == is_now:
        return
    if was is None:
        kind = ChangeKind.ADDED
    elif is_now is None:
        kind = ChangeKind.REMOVED
    else:
        kind = ChangeKind.RAISED if is_now > was else ChangeKind.LOWERED
    yield _change(kind, plan, "Trial", _say_trial(was), _say_trial(is_now))


def _after(plan: str, old: Sale, new: Sale) -> Iterator[Change]:
    if old.after_trial == new.after_trial:  # also where no trial is offered: sales may start one all the same
        return
    before, after = old.after_trial or "it ends", new.after_trial or "it ends"
    yield _change(_after_kind(old, new), plan, "After a trial", before, after)


def _after_kind(old: Sale, new: Sale) -> ChangeKind:
    """Whoever tries the plan now counts on what follows: nothing, or another plan, may take that away."""
    if not old.after_trial:
        return ChangeKind.ADDED
    return ChangeKind.LOWERED if new.after_trial else ChangeKind.REMOVED


def _graces(plan: str, old: Sale, new: Sale) -> Iterator[Change]:
    graces = (USUAL_GRACE if sale.grace_days is None else sale.grace_days for sale in (old, new))
    afterwards = (sale.wind_down_days or 0 for sale in (old, new))
    for what, (was, is_now) in (("Grace after a failed payment", graces), ("Access after leaving", afterwards)):
        if was != is_now:
            kind = ChangeKind.RAISED if is_now > was else ChangeKind.LOWERED
            yield _change(kind, plan, what, say_days(was), say_days(is_now))


def _prices(plan: str, old: Sale, new: Sale) -> Iterator[Change]:
    for name in dict.fromkeys((*old.prices, *new.prices)):
        before, after = old.prices.get(name, "no price"), new.prices.get(name, "no price")
        if before != after:
            yield _change(ChangeKind.PRICE_CHANGED, plan, name, before, after)


def _change(kind: ChangeKind, plan: str, what: str, before: str, after: str) -> Change:
    told = f"the {what.lower()}" if what != "After a trial" else "what follows a trial"
    return Change(kind, what, before, after, f"{plan}: {told} changes from {before} to {after}")


def _say_trial(days: int | None) -> str:
    return "no trial" if days is None else say_days(days)


def say_days(days: int) -> str:
    """ "14 days", "1 day", "none"."""
    return f"{days} day{'' if days == 1 else 's'}" if days else "none"
