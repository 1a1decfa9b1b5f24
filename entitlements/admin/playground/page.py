"""The playground: ask what a product would ask, see the answer and every reason, and take the line that asks it.

It checks and explains only. Nothing is counted, and no enforcement point is noted.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse

from catalog.domain.values import UNLIMITED, Nature
from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.admin.evidence.explain_page import explain_url
from entitlements.admin.evidence.question_form import matches
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import VIEW
from entitlements.admin.playground.form import TryingForm
from entitlements.admin.playground.lines import check_line, ofrep_line
from entitlements.admin.wording import say_end
from entitlements.domain.decision import UnfitQuestion
from entitlements.domain.saying import in_words, say_part_name
from entitlements.domain.usage.charging import Line
from entitlements.domain.usage.operations import Outcome, UnfitUse
from entitlements.domain.usage.saying import said
from entitlements.models import Account, DecisionTrace
from entitlements.queries.account_names import Named
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.selling.offers import to_get
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.standing import Question, Standing, reasons_of, standing_of, standing_then
from entitlements.queries.usage.wanted import is_for_sale, wanted_of
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
        form = TryingForm(self.request.GET, feature=feature) if feature else None
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

    def _answered(self, account: Account, feature: Feature, form: TryingForm) -> dict[str, Any]:
        question = form.question()
        try:
            standing = self._standing(account, question)
        except (UnfitUse, UnfitQuestion) as unfit:
            form.add_error(unfit.field if unfit.field in form.fields else None, str(unfit))
            return {}
        except UnknownAccount:
            return {"unknown_then": True}
        answer = standing.terms.answer
        until = answer.valid_until
        return {
            "decision": standing.decision,
            "has": in_words(answer),
            "until": "" if until is None else say_end(until, zone=account.zone),
            "reasons": reasons_of(standing, question),
            "bounds": [self._bound(line, said, account) for line, said in standing.lines],
            "own_limit": not is_for_sale(standing),
            "offers": self._offers(account, feature, question, standing),
            "check_line": check_line(account, question, self.moment),
            "ofrep_line": ofrep_line(account, feature),
            "explain": explain_url(account, feature.key) + self.moment.query,
        }

    def _standing(self, account: Account, question: Question) -> Standing:
        named = Named(account.pk, account.key)
        if self.moment.now:
            return standing_of(named, [question], sources=Sources(self.at), now=self.at)[0]
        return standing_then(named, question, at=self.moment.at, known_at=self.moment.known_at)

    def _bound(self, line: Line, outcome: Outcome, account: Account) -> dict[str, Any]:
        if line.key.account_id != account.pk:
            whose = "The parent account, which shares it"
        elif line.key.subject:
            whose = line.key.subject
        else:
            whose = say_part_name(line.key.choice) if line.key.choice else "The account"
        return {
            "whose": whose,
            "used": said(outcome.used, line.terms),
            "held": said(outcome.held, line.terms) if outcome.held else "",
            "limit": said(outcome.limit, line.terms),
            "left": "" if outcome.left is UNLIMITED else said(outcome.left, line.terms),
            "again": say_instant(line.end, zone=account.zone) if line.end else "",
        }

    def _offers(
        self, account: Account, feature: Feature, question: Question, standing: Standing
    ) -> list[dict[str, Any]]:
        """What is on sale today that would allow it."""
        if standing.decision.allowed or not is_for_sale(standing):
            return []
        found = to_get(account=account, feature=feature, at=self.at, wanted=wanted_of(standing, question))
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
