"""What is in use of a feature, remembered, and what decides about use: the terms as one account has them.

A counter is remembered with the moment it was read at. Those that were written since are taken up by `take_up_use`,
and one is read again after `USE_READ_AGAIN` all the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from entitlements.domain.profiles import Billing, in_person
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import UsageCounter
from entitlements.models.usage import OUTDATED
from entitlements.queries.check.answers import Ruling, Source
from entitlements.queries.check.finding import Finder
from entitlements.queries.check.holding import FOREVER, Asked, Compiled, Held, Use
from entitlements.queries.check.reading import NewerThanCatalog, instant, read_billing, read_use, seconds

USE_READ_AGAIN = 60.0  # seconds; a counter that was written in a long transaction may have been passed over
LONGEST_WRITE = 5.0  # seconds between a counter's own instant and its commit, usually


class UseFinder(Finder):
    """Finding what is in use, too."""

    _counts_used = False
    _use_heard = 0.0

    def terms(self, account_id: int, *, at: datetime) -> Mapping[str, UseTerms]:
        """What decides about use, as `use_terms` gives it: `because` and `source` may name items by their age."""
        moment = at.timestamp()
        held, compiled, _source = self.found(account_id, moment)
        return Terms(self, held, compiled, moment)

    def used(self, account_id: int, feature: str) -> tuple[int, float] | None:
        """What the account has in use of a feature and holds in reserve, and as of when; None: it isn't counted here."""
        at = self._clock()
        held, compiled, source = self.found(account_id, at)
        ruling = compiled.ruling(feature)
        if ruling is None or not ruling.counts:
            return None
        use = self._use(held, ruling, feature, at, source)
        return None if use is None else (use.taken, max(use.as_of, self._use_heard))

    def take_up_use(self) -> None:
        """Read which counters were written since, in one query on their index, and remember what they say."""
        if not self._counts_used:
            return
        at = self._clock()
        since = instant(max(self._use_heard, at - USE_READ_AGAIN) - LONGEST_WRITE)
        rows = UsageCounter.objects.filter(updated_at__gte=since, subject="", choice="")
        for account_id, feature, start, end, used, kept, events in rows.values_list(
            "account_id", "feature__key", "starts_at", "ends_at", "used", "held", "events"
        ):
            held = self.store.ids.younger.get(account_id) or self.store.ids.elder.get(account_id)
            asked = None if held is None else held.asked
            known = None if asked is None else asked.uses.get(feature)
            if asked is None or known is None or max(known.start, 0.0) != start.timestamp():
                continue
            if known.end == seconds(end, FOREVER) and events != OUTDATED:
                asked.uses[feature] = Use(known.start, known.end, used + kept, at)
            else:
                del asked.uses[feature]  # periods start otherwise now: it is worked out when it is asked for
        self._use_heard = at

    def _use(self, held: Held, ruling: Ruling, feature: str, at: float, source: Source = "cache") -> Use | None:
        """What is in use, read if it isn't remembered; None: it can't be read."""
        known = None if held.asked is None else held.asked.uses.get(feature)
        if source == "fallback":
            return known
        fresh = known is not None and known.start <= at < known.end and at - known.as_of <= USE_READ_AGAIN
        if fresh and source == "cache":
            return known
        terms = self.own_terms(held, ruling, at)
        use = read_use(held.id, self.view().feature_ids[feature], terms, at=at)
        held.asked = held.asked or Asked()
        held.asked.uses[feature] = use
        self._counts_used = True
        return use

    def own_terms(self, held: Held, ruling: Ruling, at: float) -> UseTerms:
        """The terms in the account's zone and, where use starts again with its bills, by its billing periods."""
        billing: Billing = ()
        if ruling.terms.periods is not None:
            held.asked = held.asked or Asked()
            if held.asked.billing is None:
                held.asked.billing = self._billing_of(held.id, at)
            billing = held.asked.billing
        return in_person(ruling.terms, zone=held.zone, billing=billing)

    def _billing_of(self, account_id: int, at: float) -> Billing:
        try:
            return read_billing(account_id, view=self.view(), at=at).billing
        except NewerThanCatalog:
            return read_billing(account_id, view=self.view_of_rows(), at=at).billing


class Terms(Mapping[str, UseTerms]):
    """The terms of one account, each made its own when it is asked for."""

    def __init__(self, finder: UseFinder, held: Held, compiled: Compiled, at: float) -> None:
        self._finder, self._held, self._compiled, self._at = finder, held, compiled, at

    def __getitem__(self, feature: str) -> UseTerms:
        ruling = self._compiled.ruling(feature)
        if ruling is None:
            raise KeyError(feature)
        own = self._finder.own_terms(self._held, ruling, self._at)
        return held_until(own, min(self._held.until, self._compiled.until))

    def __iter__(self) -> Iterator[str]:
        return iter(self._compiled.all())

    def __len__(self) -> int:
        return len(self._compiled.all())


def held_until(terms: UseTerms, end: float) -> UseTerms:
    """The terms with the instant up to which they hold for this account: many share them, and their ends differ."""
    if end == FOREVER or (terms.answer.valid_until is not None and terms.answer.valid_until.timestamp() <= end):
        return terms
    return replace(terms, answer=replace(terms.answer, valid_until=instant(end)))
