"""Two accounts side by side: what each may do, and why; what differs comes first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from catalog.models import Feature
from entitlements.admin.answers import kept
from entitlements.admin.pages import VIEW
from entitlements.domain.explain import say
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import in_words
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots import Reader, snapshot_catalog
from journal.admin.pages import Page
from journal.domain.refusal import NotFound

Answers = Mapping[str, Resolution]


@dataclass(frozen=True, slots=True)
class Side:
    """What one account may do with a feature, and what decides it."""

    account: Account
    words: str
    granted: bool
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    feature: Feature
    left: Side
    right: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.left, self.right

    @property
    def same(self) -> bool:
        return (self.left.words, self.left.granted) == (self.right.words, self.right.granted)


class CompareAccountsPage(Page):
    """The two are named in the address, so that a comparison can be sent to somebody."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/compare.html"
    title = "Compare two accounts"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = {name: self.request.GET.get(name, "").strip() for name in ("left", "right")}
        found = {name: _account(text) for name, text in typed.items() if text}
        left, right = found.get("left"), found.get("right")
        pairs = list(self._pairs(left, right)) if left is not None and right is not None else []
        return {
            **super().get_context_data(**kwargs),
            "fields": [_field(name, typed[name], found.get(name)) for name in typed],
            "left": left,
            "right": right,
            "compared": left is not None and right is not None,
            "different": [pair for pair in pairs if not pair.same],
            "same": [pair for pair in pairs if pair.same],
        }

    def _pairs(self, left: Account, right: Account) -> Iterator[Pair]:
        catalog = snapshot_catalog(Reader())
        mine, its = (entitlements_of(account=one, at=self.at, catalog=catalog) for one in (left, right))
        for feature in Feature.objects.select_related("group"):
            yield Pair(feature, _side(left, mine[feature.key]), _side(right, its[feature.key]))


def _side(account: Account, answer: Resolution) -> Side:
    deciding = say(replace(answer, because=kept(answer)), zone=account.zone)
    return Side(account, in_words(answer), answer.granted, deciding if kept(answer) else ())


def _account(text: str) -> Account | None:
    """By key or id, else the one account that what was typed means; None where it is none, or more than one."""
    try:
        return account_by_key(text)
    except NotFound:
        matches = find_accounts(text=text, limit=2)
        return matches[0] if len(matches) == 1 else None


def _field(name: str, typed: str, found: Account | None) -> dict[str, str]:
    missing = f"“{typed}” is no account, or more than one. Type its key." if typed and found is None else ""
    shown = typed if found is None else found.key
    return {"name": name, "label": "One account" if name == "left" else "The other", "typed": shown, "missing": missing}
