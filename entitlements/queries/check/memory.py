"""The questions that the memory of one process answers, without a database for as long as it knows the answer is true.

An account points to a profile that it shares with all whose facts decide alike, and a profile is worked out once by
the one resolver (docs/adr/0017). A check looks up the account, compares a few numbers and reads one map.

Every answer says as of when its facts are known to be so, and its source: `cache`, out of memory; `live`, read from
the rows because nobody watches them for this process, or they are being changed; `fallback`, because the database
can't be asked: a check says then what the feature's fallback says (`domain/relying.py`). In a
transaction that has changed facts itself, answers are those of its own rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from msgspec import structs

from entitlements.domain.decision import Asked as Question
from entitlements.domain.relying import Last
from entitlements.domain.resolve import resolve_some
from entitlements.domain.telling import Told, tell
from entitlements.queries.check.answers import Checked, Ruling, Source
from entitlements.queries.check.finding import AWAY, PATIENCE
from entitlements.queries.check.holding import Compiled, CutOff, Held
from entitlements.queries.check.outage import rely
from entitlements.queries.check.reading import NewerThanCatalog, Read, instant, read_account
from entitlements.queries.check.using import USE_READ_AGAIN, UseFinder
from entitlements.snapshots.batch import batch_reader, batches
from journal.domain.refusal import NotFound


class Memory(UseFinder):
    """One for each process, named `memory`; another only in tests and benchmarks."""

    def check(
        self,
        key: str,
        feature: str,
        *,
        quantity: Decimal | int | None = None,
        choice: str = "",
        now: datetime | None = None,
    ) -> Checked:
        """May this account do this now? `key` is ours or any system's; NotFound names what isn't known.

        UnfitQuestion where it can't be asked of this feature. `now` is for tests: else it is this moment.
        """
        if now is not None:
            return self._checked(key, feature, quantity, choice, now.timestamp())
        at = self._clock()
        held = self.store.names.younger.get(key)
        if held is not None and at < held.until and at - self._heard <= PATIENCE:
            compiled = held.shared.compiled
            if at < compiled.until and compiled.number == self.store.number:
                ruling = compiled.rulings.get(feature)
                if ruling is None:
                    ruling = self._ruling(compiled, feature)
                until = held.until if held.until < compiled.until else compiled.until
                if not ruling.counts:
                    weighed = ruling.weigh(quantity, None, choice)
                    version = self._log.version
                    return Checked(weighed.allowed, weighed, ruling, self._heard, until, version, account_id=held.id)
                use = None if held.asked is None else held.asked.uses.get(feature)
                if use is not None and use.start <= at < use.end and at - use.as_of <= USE_READ_AGAIN:
                    weighed, taken = ruling.weigh(quantity, use.taken, choice), use.taken
                    told, as_of = self._use_heard if use.as_of < self._use_heard else use.as_of, self._heard
                    version = self._log.version
                    allowed, account = weighed.allowed, held.id
                    return Checked(allowed, weighed, ruling, as_of, until, version, "cache", taken, told, account)
        return self._checked(key, feature, quantity, choice, at)

    def account(self, key: str) -> int | None:
        """The id of the account of that key or external id; None: there is none."""
        try:
            return self.named(key, self._clock())[0].id
        except NotFound:
            return None

    def whole_set(self, key: str, *, now: datetime | None = None) -> "WholeSet":
        """Everything the account has. `compiled` is the same object for all who have the same: keep what it renders to."""
        at = self._clock() if now is None else now.timestamp()
        held, compiled, source = self.named(key, at)
        as_of = self._heard if source == "cache" else at
        return WholeSet(held.id, compiled, as_of, min(held.until, compiled.until), self._log.version, source)

    def explain(
        self,
        key: str,
        feature: str,
        *,
        quantity: Decimal | None = None,
        choice: str = "",
        now: datetime | None = None,
    ) -> Told:
        """The whole explanation in words, with rows by their names and days in the account's zone: read, not remembered."""
        at = self._clock() if now is None else now.timestamp()
        held, compiled, source = self.named(key, at)
        ruling = self._ruling(compiled, feature)
        use = self._use(held, ruling, feature, at, source) if ruling.counts else None
        facts = self._read_aside(held.id, at).facts
        answer = resolve_some(facts, (feature,), at=instant(at))[feature]
        asked = Question(quantity, None if use is None else Decimal(use.taken), choice)
        return tell(answer, asked=asked, zone=facts.zone, buffer_percent=ruling.terms.buffer_percent)

    def _read_aside(self, account_id: int, at: float) -> Read:
        try:
            return read_account(account_id, view=self.view(), at=at)
        except NewerThanCatalog:
            return read_account(account_id, view=self.view_of_rows(), at=at)

    def warm(self, account_ids: Iterable[int], *, ahead: bool = False) -> int:
        """Read many accounts at once, before anybody asks; how many were read. `ahead`: with what follows, in case the
        rows can't be read then."""
        count = 0
        for chunk in batches(account_ids):
            at, view, at_hand = self._clock(), self.store.view(), batch_reader(chunk)
            with self.store.reading() as reading:
                for account_id in chunk:
                    try:
                        read = read_account(account_id, view=view, at=at, at_hand=at_hand, ahead=ahead)
                    except NewerThanCatalog:  # whoever asks reads it then
                        continue
                    held = self.store.keep(account_id, read, reading)
                    self.remember_name(read.facts.account, held)
            count += len(chunk)
        return count

    def _checked(self, key: str, feature: str, quantity: Decimal | int | None, choice: str, at: float) -> Checked:
        """The same, where anything has to be read first."""
        try:
            held, compiled, source = self.named(key, at)
            if source == "fallback":
                return self.relied(key, feature, quantity=quantity, choice=choice, at=at)
            ruling = self._ruling(compiled, feature)
            use = self._use(held, ruling, feature, at, source) if ruling.counts else None
        except AWAY:
            return self.relied(key, feature, quantity=quantity, choice=choice, at=at)
        weighed = ruling.weigh(quantity, None if use is None else use.taken, choice)
        as_of, until = at if source == "live" else self._heard, min(held.until, compiled.until)
        version = self._log.version
        known = Checked(weighed.allowed, weighed, ruling, as_of, until, version, source, account_id=held.id)
        if use is None:
            return known
        return structs.replace(known, used=use.taken, used_as_of=max(use.as_of, self._use_heard))

    def relied(
        self,
        key: str,
        feature: str,
        *,
        quantity: Decimal | int | None = None,
        choice: str = "",
        asks_rows: bool = False,
        by_rows: Last | None = None,
        at: float,
    ) -> Checked:
        """What the feature's fallback says for this account as it stood last; no row is read. CutOff where nothing is
        known of it. `asks_rows`: more decides than this memory counts; `by_rows` is then the last answer of the rows."""
        last = self.last(key, at)
        if last is None:
            raise CutOff(f"The desk's database can't be reached, and nothing is known of the account {key!r}.")
        held, compiled, holds = last
        ruling = self._ruling(compiled, feature)
        use = held.asked.uses.get(feature) if ruling.counts and held.asked is not None else None
        as_of = self._heard
        told = None if use is None else max(use.as_of, self._use_heard)
        weighed = ruling.weigh(quantity, None if use is None else use.taken, choice)
        if not asks_rows and weighed.certain and not (ruling.counts and use is None):
            by_rows = Last(weighed.allowed, at - min(as_of, as_of if told is None else told))
        until = self._end(held, compiled, at)
        checked = Checked(
            weighed.allowed, weighed, ruling, as_of, until, self._log.version, "fallback", account_id=held.id
        )
        if use is not None:
            checked = structs.replace(checked, used=use.taken, used_as_of=told)
        return rely(checked, by_rows, holds=holds)

    def _end(self, held: Held, compiled: Compiled, at: float) -> float:
        ends = (held.until, *(one.until for one in (held.asked.ahead if held.asked else ())))
        return min(next((end for end in ends if at < end), ends[-1]), compiled.until)

    def _ruling(self, compiled: Compiled, feature: str) -> Ruling:
        ruling = compiled.ruling(feature)
        if ruling is None:
            raise NotFound(f"There is no feature {feature!r}.", field="feature")
        return ruling


@dataclass(frozen=True, slots=True)
class WholeSet:
    """Everything one account has. `compiled` is one object for all who have the same, so that what it renders to can be
    kept in `compiled.kept` under a name of your own; instants are seconds since 1970."""

    account_id: int
    compiled: Compiled
    as_of: float
    until: float
    version: int
    source: Source

    @property
    def rulings(self) -> Mapping[str, Ruling]:
        return self.compiled.all()


memory = Memory()
