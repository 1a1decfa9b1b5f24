"""How often a customer was given the like of one feature: at once, and one after the other without a break.

Whether the next one is a renewal, another grant or a further line of a contract makes no difference: else what may be
given once could be given for ever, by revoking it before its end and granting it anew.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from entitlements.domain.facts import Facts, Mode, OverrideFact
from entitlements.models import Override
from entitlements.models.override import OverrideState, override_window
from entitlements.queries.concessions import chain_of, edits, number_in_chain

A_BREAK = timedelta(days=1)  # with less than this between them, one goes on where the other ended


def times_given(override: Override, *, replacing: Override | None, facts: Facts, at: datetime) -> int:
    """The number the override has: those in force or to come beside it, those that led up to it, and itself.

    Those it follows are counted with its own number, and what it replaces, or what the same line of its contract gave
    before, isn't counted: that is measured in days. `facts` are those it is measured by.
    """
    given, line = _given(override), _line_rows(override)
    chain = (*chain_of(override), *line, *(() if replacing is None else (replacing,)))
    own = {str(one.pk) for one in chain if one.pk is not None}
    since = min(one.starts_at for one in chain)
    edited = {str(one.follows_id) for one in given if edits(one)}
    beside = {fact.id for fact in facts.overrides if _alike(fact, override) and _lasts(fact, at)}
    led_up = {str(one.pk) for one in _led_up(given, since) if (one.mode == Mode.DENY) == (override.mode == Mode.DENY)}
    return len((beside | (led_up - edited)) - own) + number_in_chain(override)


def line_start(override: Override) -> datetime:
    """Since when the line of the contract has given what this override gives next, without a gap."""
    since = override.starts_at
    for window in filter(None, map(override_window, _line_rows(override))):
        if window.start is not None and window.start < since and (window.end is None or window.end >= since):
            since = window.start
    return since


def _given(override: Override) -> Sequence[Override]:
    """Whatever was put in force for the account and the feature, the latest start first."""
    rows = Override.objects.filter(
        account_id=override.account_id, feature_id=override.feature_id, state=OverrideState.APPROVED
    )
    return list(rows.select_related("follows").order_by("-starts_at", "-pk"))


def _line_rows(override: Override) -> Sequence[Override]:
    """What the same line of its contract gave of the feature, by any version, the latest start first."""
    line = override.contract_line
    if line is None:
        return ()
    rows = Override.objects.filter(
        contract_line__version__contract=line.version.contract_id,
        contract_line__number=line.number,
        feature_id=override.feature_id,
        state=OverrideState.APPROVED,
    )
    return list(rows.order_by("-starts_at", "-pk"))


def _led_up(given: Iterable[Override], since: datetime) -> Iterable[Override]:
    """Those that came one after the other, without a break, until then. What was revoked within a day was a slip."""
    for one in given:
        window = override_window(one)
        if window is None or window.start is None or window.start >= since:
            continue
        slip = one.revoked_at is not None and one.revoked_at - one.starts_at < A_BREAK
        if not slip and (window.end is None or window.end > since - A_BREAK):
            since = window.start
            yield one


def _alike(fact: OverrideFact, override: Override) -> bool:
    return fact.feature == override.feature.key and (fact.mode is Mode.DENY) == (override.mode == Mode.DENY)


def _lasts(fact: OverrideFact, at: datetime) -> bool:
    return fact.window.end is None or fact.window.end > at
