"""The playground: ask what a product would ask, see the answer and every reason, and take the line that asks it.

It checks and explains only. Nothing is counted, and no enforcement point is noted.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse

from catalog.domain.values import UNLIMITED, Nature, Value
from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.admin.evidence.explain_page import explain_url
from entitlements.admin.evidence.question_form import matches
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import VIEW
from entitlements.admin.playground.form import AskingForm
from entitlements.admin.playground.lines import check_line, ofrep_line
from entitlements.admin.playground.weighing import Asking, Weighed, unfit_words, weigh_now, weigh_then
from entitlements.admin.wording import say_end
from entitlements.domain.decision import UnfitQuestion
from entitlements.domain.saying import in_words, say_part_name
from entitlements.domain.usage.charging import Line, Tallied
from entitlements.domain.usage.operations import UnfitUse, left_of
from entitlements.domain.usage.saying import said
from entitlements.models import Account, DecisionTrace
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.selling.offers import to_get
from entitlements.snapshots.account import UnknownAccount
from journal.admin.pages import Page
from journal.domain.refusal import NotFound

MOST_FOUND, MOST_REFUSALS, MOST_OFFERS = 8, 10, 5


def playground_url(**asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("admin:entitlements_playground") + (f"?{query}" if query else "")


class PlaygroundPage(Page):
    permission: ClassVar[str] = VIEW
    template_name = "entitlements/playground/page.html"
    title = "Try a check"

    def typed(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\x00", "").strip()

    @cached_property
    def found(self) -> list[Account]:
        """The account of the key or id that was typed; else those it may mean."""
        typed = self.typed("account")
        if not typed:
            return []
        try:
            return [account_by_key(typed)]
        except NotFound:
            return find_accounts(text=typed, limit=MOST_FOUND)

    @cached_property
    def account(self) -> Account | None:
        return self.found[0] if len(self.found) == 1 else None

    @property
    def zone(self) -> str:
        return self.account.zone if self.account else super().zone

    @cached_property
    def features(self) -> list[Feature]:
        return list(Feature.objects.select_related("group"))

    @cached_property
    def feature(self) -> Feature | None:
        found = matches(self.features, self.typed("feature")) if self.typed("feature") else []
        return found[0] if len(found) == 1 else None

    @cached_property
    def moment(self) -> AskedMoment:
        return asked_moment(self.request.GET, zone=self.zone, now=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account, feature = self.account, self.feature
        form = AskingForm(self.request.GET, feature=feature) if feature else None
        return {
            **super().get_context_data(**kwargs),
            "account": account,
            "accounts": []
            if account
            else [(one, playground_url(**self._asked(account=one.key))) for one in self.found],
            "feature": feature,
            "features": self.features,
            "form": form,
            "typed": {name: self.typed(name) for name in ("account", "feature")},
            "moment": self.moment,
            "pick_at": self.moment.picked("at"),
            "pick_known_at": self.moment.picked("known_at"),
            **(self._answered(account, feature, form) if account and feature and form else {}),
            "refusals": list(self._refusals(account)) if account else [],
        }

    def _asked(self, **other: str) -> dict[str, str]:
        return {**{name: value for name, value in self.request.GET.items() if isinstance(value, str)}, **other}

    def _answered(self, account: Account, feature: Feature, form: AskingForm) -> dict[str, Any]:
        asking = form.asking()
        try:
            weighed = self._weigh(account, feature, asking)
        except (UnfitUse, UnfitQuestion) as unfit:
            field, words = unfit_words(unfit) if isinstance(unfit, UnfitUse) else (unfit.field, str(unfit))
            form.add_error(field if field in form.fields else None, words)
            return {}
        if weighed is None:
            return {"unknown_then": True}
        resolution, until = weighed.resolution, weighed.resolution.valid_until
        offers = [] if weighed.decision.allowed else self._offers(account, feature, asking, weighed)
        return {
            "weighed": weighed,
            "has": in_words(resolution),
            "until": "" if until is None else say_end(until, zone=account.zone),
            "reasons": [*weighed.told.lines[:-1], weighed.decision.words],
            "bounds": [self._bound(line, tallied, account) for line, tallied in weighed.bounds],
            "offers": offers,
            "check_line": check_line(account, feature, asking, self.moment),
            "ofrep_line": ofrep_line(account, feature),
            "explain": explain_url(account, feature.key) + self.moment.query,
        }

    def _weigh(self, account: Account, feature: Feature, asking: Asking) -> Weighed | None:
        """None where the account or the feature was not known at the moment."""
        if self.moment.now:
            return weigh_now(account, feature, asking, at=self.at)
        try:
            answers = entitlements_of(account=account, at=self.moment.at, known_at=self.moment.known_at)
            return weigh_then(answers[feature.key], asking, zone=account.zone)
        except (UnknownAccount, KeyError):
            return None

    def _bound(self, line: Line, tallied: Tallied, account: Account) -> dict[str, Any]:
        taken = tallied.used + tallied.held
        if line.key.account_id != account.pk:
            whose = "The parent account, which shares it"
        elif line.key.subject:
            whose = line.key.subject
        else:
            whose = say_part_name(line.key.choice) if line.key.choice else "The account"
        return {
            "whose": whose,
            "used": said(tallied.used, line.terms),
            "held": said(tallied.held, line.terms) if tallied.held else "",
            "limit": said(line.limit, line.terms),
            "left": "" if line.limit is UNLIMITED else said(left_of(line.limit, taken), line.terms),
            "again": say_instant(line.end, zone=account.zone) if line.end else "",
        }

    def _offers(self, account: Account, feature: Feature, asking: Asking, weighed: Weighed) -> list[dict[str, Any]]:
        """What is on sale today that would allow it."""
        found = to_get(account=account, feature=feature, at=self.at, wanted=_wanted(feature, asking, weighed))
        return [
            {
                "name": offer.version.plan_name,
                "gives": in_words(offer.upgrade.answers[feature.key]),
                "prices": "; ".join(offer.prices),
            }
            for offer in found.offers[:MOST_OFFERS]
        ]

    def _refusals(self, account: Account) -> Iterator[dict[str, Any]]:
        rows = DecisionTrace.objects.filter(account=account, allowed=False).select_related("feature")
        for row in rows.order_by("-at", "-pk")[:MOST_REFUSALS]:
            asked = {name: str(row.question.get(name) or "") for name in ("quantity", "subject", "choice", "value")}
            if row.feature.shape.nature is not Nature.QUANTITY:
                asked.pop("quantity")
            yield {
                "row": row,
                "when": say_instant(row.at, zone=account.zone),
                "because": because_of(row),
                "url": playground_url(account=account.key, feature=row.feature.key, **asked),
            }


def because_of(row: DecisionTrace) -> str:
    """The verdict, of all that a trace tells."""
    said_so = row.answer.get("because", "") if isinstance(row.answer, dict) else ""
    return str(said_so[-1] if isinstance(said_so, list) and said_so else said_so)


def _wanted(feature: Feature, asking: Asking, weighed: Weighed) -> Value | None:
    """What would have to be had for it to be allowed; None: any more than now."""
    match feature.shape.nature:
        case Nature.QUANTITY if asking.quantity is not None:
            taken = sum((said.used + said.held for _, said in weighed.bounds[:1]), Decimal(0))
            return taken + asking.quantity
        case Nature.SET if asking.choice:
            return frozenset({asking.choice})
        case Nature.RANKED if asking.choice:
            return asking.choice
    return None
