"""A question weighed against what is known of a feature: the same rule as the desk's, as far as its whole set tells.

Pure. What only the desk knows (the limit of a subject or a parent, the weight of a choice) leaves an answer uncertain;
where the answer would turn on it entirely, there is none, and the desk has to be asked.
"""

from dataclasses import dataclass

from entitlement_client.terms import Term, Use

LARGEST = 2**53 - 1
_ABSENT = {
    "denied": "it is denied",
    "set_per_customer": "it is agreed with each customer, and nothing was agreed with this one",
    "add_on": "it is sold as an add-on, and this customer has none that gives it",
    "unsettled": "the plan doesn't say yet what it gives",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`left` is what is left before it, less what waits to be counted."""

    allowed: bool
    because: str
    why: str | None = None
    used: int | None = None
    left: int | None = None
    certain: bool = True


def refuse_unfit(quantity: int | None) -> None:
    """A caller's mistake, told at once."""
    if quantity is None:
        return
    if isinstance(quantity, bool) or not isinstance(quantity, int):
        raise TypeError(f"A quantity is a whole number of the smallest unit, not {quantity!r}.")
    if not 0 <= quantity <= LARGEST:
        raise ValueError(f"A quantity lies between 0 and 2^53 - 1, not {quantity}.")


def lacks(term: Term) -> bool:
    """Whether the account doesn't have the feature at all, however much is asked for."""
    return not term.granted or (term.kind == "gate" and term.value is not True)


def weigh(
    term: Term, *, now: float, quantity: int | None = None, choice: str = "", subject: str = "", spent: int = 0
) -> Verdict | None:
    """`spent`: what this client counted that the desk hasn't answered yet. None: only the desk can tell."""
    if not term.granted:
        return Verdict(False, _ABSENT.get(term.state, "it is not included"), "not_entitled")
    if term.counted:
        return _of_use(term, term.used_at(now), quantity, choice, subject, spent)
    if term.kind == "gate":
        return Verdict(True, "it is included") if term.value is True else Verdict(False, "it is off", "not_entitled")
    if isinstance(term.value, tuple):
        return _of_a_set(term, choice)
    wanted = quantity if isinstance(term.value, int) else choice or None
    return _of_a_setting(term, wanted)


def _of_a_set(term: Term, choice: str) -> Verdict:
    if not choice:
        return Verdict(bool(term.value), f"it gives {term.value_text}", None if term.value else "limit_reached")
    if choice in term.value:
        return Verdict(True, f"“{choice}” is among {term.value_text}")
    return Verdict(False, f"“{choice}” is not among what it gives: {term.value_text or 'none'}", "limit_reached")


def _of_a_setting(term: Term, wanted: int | str | None) -> Verdict | None:
    """What is set is had up to there. Which way is better only some desks tell."""
    if wanted is None or term.unlimited or wanted == term.value:
        return Verdict(True, f"it is set to {term.value_text}")
    beyond = _is_beyond(term, wanted)
    if beyond is None:
        return None
    if beyond:
        return Verdict(False, f"{wanted} is more than is set, which is {term.value_text}", "limit_reached")
    return Verdict(True, f"it is set to {term.value_text}, and {wanted} is within that")


def _is_beyond(term: Term, wanted: int | str) -> bool | None:
    if isinstance(wanted, int):
        return {"more": wanted > term.value, "less": wanted < term.value}.get(term.better)
    if wanted in term.choices and term.value in term.choices:
        return term.choices.index(wanted) > term.choices.index(term.value)
    return None


def _of_use(term: Term, use: Use | None, quantity: int | None, choice: str, subject: str, spent: int) -> Verdict | None:
    least = 1 if quantity is None else quantity
    certain = not (choice or subject)
    part = dict(term.parts).get(choice) if choice else None
    if part is not None and least > part:
        return Verdict(False, f"no more than {part} of it may fall to “{choice}”", "sub_limit_reached")
    if term.unlimited:
        used = None if use is None else use.used + spent
        return Verdict(True, "it is unlimited", used=used, certain=certain)
    limit = term.limit or 0
    if use is None or (use.left is None and term.kind == "credit"):
        return _of_use_unknown(term, limit, least + spent)
    if term.each_seat_of is not None:
        return _of_use_unknown(term, limit, least + spent)
    taken = max(use.used + use.held, 0) + spent
    if term.kind == "credit":
        return _of_a_balance(max((use.left or 0) - spent, 0), least, use.used + spent, certain=certain)
    left, most = max(limit - taken, 0), furthest(term, limit)
    allowed = quantity == 0 or most is None or taken + least <= most
    return Verdict(allowed, _say(left, least, allowed=allowed), None if allowed else "limit_reached",
                   used=use.used + spent, left=left, certain=certain or not allowed)  # fmt: skip


def _of_a_balance(left: int, least: int, used: int, *, certain: bool) -> Verdict:
    if least <= left:
        return Verdict(True, f"{left} left", used=used, left=left, certain=certain)
    return Verdict(False, f"{left or 'nothing'} is left of the credits", "credits_spent", used=used, left=left)


def _of_use_unknown(term: Term, limit: int, least: int) -> Verdict:
    """How much is in use isn't known here: of each seat, of a shared balance, or of a time that is only foreseen."""
    most = furthest(term, limit)
    if most is None or least <= most:
        return Verdict(True, "as long as enough is left, which only the desk knows", certain=most is None)
    return Verdict(False, f"it is limited to {limit} in all", "limit_reached")


def furthest(term: Term, limit: int) -> int | None:
    """How far use may go in all; None: as far as it likes. A buffer is kept back from a hard limit only. A peak, an
    average or a latest level is known only afterwards, and never refused."""
    if term.aggregation in {"peak", "average", "latest"}:
        return None
    if term.overage_percent is not None:
        return limit * (100 + term.overage_percent) // 100
    if term.enforcement != "hard":
        return None
    return limit * (100 - term.buffer_percent) // 100


def _say(left: int, least: int, *, allowed: bool) -> str:
    if left >= least:
        return f"{left} left"
    if allowed:
        return f"{left or 'nothing'} is left; what comes beyond that is allowed, and counted"
    return f"{left} is left, and this needs {least}" if left else "nothing is left of it"
