"""Why this customer may, or may not: the chain of reasons for one feature at one moment, and what it means for what is
asked.
"""

from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.admin.answers import SOURCES, kept
from entitlements.admin.evidence.question_form import QuestionForm, matches
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import AccountPage, account_url
from entitlements.admin.wording import say_end
from entitlements.domain.decision import UnfitQuestion
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import in_words
from entitlements.domain.telling import Told, tell
from entitlements.in_use import in_use
from entitlements.models import Account
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots.account import UnknownAccount

ASKED = ("quantity", "used", "choice", "at", "known_at")


def explain_url(account: Account, feature: str = "", **asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    address = reverse("admin:entitlements_account_explain", args=[account.key, *([feature] if feature else [])])
    return f"{address}?{query}" if query else address


class Explained(AccountPage):
    """What the page of one feature and the page that chooses one have in common."""

    @cached_property
    def moment(self) -> AskedMoment:
        return asked_moment(self.request.GET, zone=self.account.zone, now=self.at)

    @cached_property
    def features(self) -> list[Feature]:
        return list(Feature.objects.select_related("group"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "features": self.features,
            "moment": self.moment,
            "pick_at": self.moment.picked("at"),
            "pick_known_at": self.moment.picked("known_at"),
            "picker": explain_url(self.account),
            "back": account_url(self.account) + self.moment.query,
        }


class ExplainPickPage(Explained):
    """The question before: which feature. What was typed leads to it at once where it can mean only one."""

    template_name = "entitlements/explain_pick.html"
    title = "Why may they, or may they not?"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = matches(self.features, self.typed) if self.typed else []
        if len(found) == 1:
            asked = {name: request.GET.get(name, "").strip() for name in ASKED}
            return HttpResponseRedirect(explain_url(self.account, found[0].key, **asked))
        return self.render_to_response(self.get_context_data(found=found))

    @property
    def typed(self) -> str:
        return self.request.GET.get("feature", "").strip()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        listed = kwargs["found"] or self.features
        return {
            **super().get_context_data(**kwargs),
            "typed": self.typed,
            "groups": [(group, list(own)) for group, own in groupby(listed, key=lambda feature: feature.group)],
        }


class ExplainPage(Explained):
    template_name = "entitlements/explain.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        if request.GET.get("as") == "text":
            return HttpResponse(context["ticket"] + "\n", content_type="text/plain; charset=utf-8")
        return self.render_to_response(context)

    @cached_property
    def resolution(self) -> Resolution:
        try:
            found = entitlements_of(account=self.account, at=self.moment.at, known_at=self.moment.known_at)
            return found[self.kwargs["feature"]]
        except (UnknownAccount, KeyError):
            raise Http404("Neither the customer nor the feature was known then.") from None

    @cached_property
    def form(self) -> QuestionForm:
        return QuestionForm(self.request.GET, resolution=self.resolution, known_use=self._known_use())

    def _known_use(self) -> Decimal | None:
        return in_use(self.account, self.at).get(self.kwargs["feature"]) if self.moment.now else None

    def _told(self) -> Told:
        asked = self.form.asked()
        try:
            return tell(self.resolution, asked=asked, zone=self.account.zone)
        except UnfitQuestion as unfit:
            self.form.add_error(unfit.field if unfit.field in self.form.fields else None, str(unfit))
            return tell(self.resolution, zone=self.account.zone)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feature, resolution, told = self.feature(self.kwargs["feature"]), self.resolution, self._told()
        until = resolution.valid_until
        return {
            **super().get_context_data(**kwargs),
            "title": f"{feature.name}: why?",
            "feature": feature,
            "form": self.form,
            "answer": in_words(resolution),
            "granted": resolution.granted,
            "until": "" if until is None else say_end(until, zone=self.account.zone),
            "told": told,
            "kinds": kinds_of(resolution),
            "ticket": ticket_of(self.account, resolution, told, moment=self.moment),
            "text_path": self._path(**{"as": "text"}),
            "api_path": self._api_path(),
            "past_path": self._past_path(),
        }

    def _path(self, **more: str) -> str:
        asked = {name: self.request.GET.get(name, "").strip() for name in ASKED}
        return explain_url(self.account, self.kwargs["feature"], **asked, **more)

    def _api_path(self) -> str:
        """The same question for engineers; amounts in the smallest unit."""
        address = reverse("api:explanation", args=[self.account.key, self.kwargs["feature"]]) + self.moment.query
        asked = self.form.asked()
        amounts = {"quantity": asked.quantity, "used": asked.used if "used" in self.form.data else None}
        query = urlencode(
            {name: int(amount) for name, amount in amounts.items() if amount is not None}
            | ({"choice": asked.choice} if asked.choice else {})
        )
        return address if not query else f"{address}{'&' if '?' in address else '?'}{query}"

    def _past_path(self) -> str:
        address = reverse("admin:entitlements_account_past", args=[self.account.key])
        query = {"feature": self.kwargs["feature"]}
        if not self.moment.now:
            query["at"] = self.moment.at.isoformat()
        return f"{address}?{urlencode(query)}"


def kinds_of(resolution: Resolution) -> list[tuple[str, str]]:
    """The sort of source behind each counted line, with its word; none where nothing speaks."""
    return [(candidate.kind, SOURCES.get(candidate.kind, candidate.kind)) for candidate in kept(resolution)]


def ticket_of(account: Account, resolution: Resolution, told: Told, *, moment: AskedMoment) -> str:
    """Ready to be pasted: who, what, when, and each reason on a line of its own."""
    when = say_instant(moment.at, zone=account.zone)
    head = [
        f"{account.name} ({account.key}) · {resolution.shape.name}: {in_words(resolution)}",
        moment.banner or f"As of {when}.",
    ]
    return "\n".join([*head, *(f"- {line}" for line in told.lines), f"Days and times are those of {account.zone}."])
