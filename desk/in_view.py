"""One account at the moment a reader asks about: what its page shows is read here, once, and only when it is shown."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import QueryDict

from catalog.models import Feature
from entitlements.admin.moments import AskedMoment
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.lifecycle import State
from entitlements.domain.resolution import Resolution
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Subscription
from entitlements.queries.entitlements import facts_of
from entitlements.queries.holdings import HeldSubscription, holdings, standings
from entitlements.snapshots.account import UnknownAccount


class AccountInView:
    """`now` is the moment of the request, `moment` the one that is shown; `asked` is what stands in the address."""

    def __init__(self, account: Account, *, moment: AskedMoment, now: datetime, user: Any, asked: QueryDict) -> None:
        self.account = account
        self.moment = moment
        self.now = now
        self.user = user
        self.asked = asked

    @property
    def zone(self) -> str:
        return self.account.zone

    def may(self, permission: str) -> bool:
        return bool(self.user.has_perm(permission))

    @property
    def _then(self) -> dict[str, Any]:
        return {"at": self.moment.at, "known_at": self.moment.known_at}

    @cached_property
    def held(self) -> tuple[HeldSubscription, ...]:
        return holdings(account_ids=[self.account.pk], **self._then)[self.account.pk]

    @property
    def current(self) -> tuple[HeldSubscription, ...]:
        return tuple(held for held in self.held if held.live)

    @cached_property
    def rows(self) -> Mapping[int, Subscription]:
        """The subscriptions in force by their id, with their phases and the contract they are of."""
        live = [held.id for held in self.current]
        rows = Subscription.objects.filter(pk__in=live).select_related("contract").prefetch_related("phases")
        return {row.pk: row for row in rows}

    @cached_property
    def states(self) -> Mapping[int, State]:
        """Where each subscription in force stands, by its id."""
        return {held.id: held.state for held in self.current}

    @cached_property
    def standing(self) -> Standing:
        return standings(account_ids=[self.account.pk], **self._then)[self.account.pk]

    @cached_property
    def facts(self) -> Facts | None:
        """All that decides what the account may do; None where it was not known yet."""
        try:
            return facts_of(account=self.account, known_at=self.moment.known_at)
        except UnknownAccount:
            return None

    @cached_property
    def resolutions(self) -> Mapping[str, Resolution]:
        return {} if self.facts is None else resolve(self.facts, at=self.moment.at)

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Every feature, in the order of the plan sheet."""
        return tuple(Feature.objects.select_related("group"))
