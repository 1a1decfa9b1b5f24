"""Why this customer may, or may not: the chain of reasons for one feature at one moment."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse

from catalog.domain.words import say_value
from catalog.queries.instants import say_instant
from entitlements.admin.answers import SOURCES, kept, lost
from entitlements.admin.moments import AskedMoment, asked_moment
from entitlements.admin.pages import AccountPage, account_url
from entitlements.admin.wording import say_end
from entitlements.domain.explain import say
from entitlements.domain.resolution import Candidate, Resolution
from entitlements.domain.saying import in_words
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots.account import UnknownAccount


class ExplainPage(AccountPage):
    template_name = "entitlements/explain.html"

    @cached_property
    def moment(self) -> AskedMoment:
        return asked_moment(self.request.GET, zone=self.account.zone, now=self.at)

    def _resolution(self) -> Resolution:
        try:
            found = entitlements_of(account=self.account, at=self.moment.at, known_at=self.moment.known_at)
            return found[self.kwargs["feature"]]
        except (UnknownAccount, KeyError):
            raise Http404("Neither the customer nor the feature was known then.") from None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feature = self.feature(self.kwargs["feature"])
        resolution, zone = self._resolution(), self.account.zone
        chain = list(say(resolution, zone=zone))
        answer = in_words(resolution)
        api = reverse("api:explanation", args=[self.account.key, feature.key])
        return {
            **super().get_context_data(**kwargs),
            "title": f"{feature.name}: why?",
            "feature": feature,
            "moment": self.moment,
            "answer": answer,
            "granted": resolution.granted,
            "until": "" if resolution.valid_until is None else say_end(resolution.valid_until, zone=zone),
            "chain": chain,
            "kept": [_spoken(candidate, resolution, zone=zone) for candidate in kept(resolution)],
            "lost": [_spoken(candidate, resolution, zone=zone) for candidate in lost(resolution)],
            "ticket": self._ticket(feature.name, answer, chain),
            "api_path": f"{api}{self.moment.query}",
            "back": account_url(self.account) + self.moment.query,
        }

    def _ticket(self, feature: str, answer: str, chain: list[str]) -> str:
        """Ready to be pasted: who, what, when, and each reason on a line of its own."""
        when = say_instant(self.moment.at, zone=self.account.zone)
        head = [
            f"{self.account.name} ({self.account.key}) · {feature}: {answer}",
            self.moment.banner or f"As of {when}.",
        ]
        return "\n".join([*head, *(f"- {line}" for line in chain), f"Days and times are those of {self.account.zone}."])


def _spoken(candidate: Candidate, resolution: Resolution, *, zone: str) -> dict[str, Any]:
    value = candidate.value
    said = "" if value is None else say_value(value, shape=resolution.shape, typed_unit=candidate.typed_unit)
    return {
        "candidate": candidate,
        "kind": SOURCES.get(candidate.kind, candidate.kind),
        "value": said,
        "until": "" if candidate.until is None else say_end(candidate.until, zone=zone),
    }
