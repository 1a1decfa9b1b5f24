"""Granting an override: what it is now, what it becomes, and who has to agree, before the button."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse

from catalog.models import Feature
from entitlements.actions.overrides import Proposal, grant, propose, words_of
from entitlements.admin.answers import in_words
from entitlements.admin.overrides.form import WHOLE_ACCOUNT, FeatureChoiceForm, OverrideForm
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.wording import say_end
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Verdict
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import override_ids
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import holdings
from entitlements.queries.preview import with_override

CONFIRM, CHANGE = "confirm", "change"


def approver_words(judged: Verdict) -> str:
    """Who has to agree to what is beyond policy, at the beginning of a sentence."""
    return judged.approver_role.capitalize() or "Someone else"


class OverridePage(AccountFormPage):
    """Three steps on one address: which feature, what to do with it, and what that becomes."""

    permission = "entitlements.grant_override"
    template_name = "entitlements/override.html"
    title = "Grant an override"

    @cached_property
    def chosen(self) -> Feature | None:
        key = self.request.POST.get("feature") or self.request.GET.get("feature")
        return self.feature(key) if key else None

    @property
    def about(self) -> Feature:
        """The feature, once it is chosen: every step after the first has one."""
        assert self.chosen is not None
        return self.chosen

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            form = FeatureChoiceForm(features=Feature.objects.select_related("group"))
            return self.render_to_response(self.get_context_data(form=form, choosing=True))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen is None:
            return self.get(request)
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> OverrideForm:
        held = holdings(account_ids=[self.account.pk], at=self.at)[self.account.pk]
        first = next((str(found.number) for found in held if found.live), WHOLE_ACCOUNT)
        seen = ",".join(map(str, sorted(override_ids(account_id=self.account.pk, feature_id=self.about.pk))))
        wanted = self.request.GET.get("mode")
        initial = {"seen": seen, "scope": first} | ({"mode": wanted} if wanted in list(Mode) else {})
        return OverrideForm(data, account=self.account, feature=self.about, held=held, initial=initial)

    def act(self, form: OverrideForm) -> HttpResponse:
        asked = {"account": self.account, "feature": self.about, **form.asked(), "by": self.by, "at": self.at}
        if self.request.POST.get("step") != CONFIRM:
            return self._ask_first(form, propose(**asked))
        override = grant(**asked, seen=form.seen_ids())
        if override.state == OverrideState.REQUESTED:
            return self.done(
                f"{override.feature}: {words_of(override)}. It waits for approval and changes nothing until then.",
                part="overrides",
            )
        return self.done(f"{override.feature}: {words_of(override)}. It is in force.", part="overrides")

    def _ask_first(self, form: OverrideForm, proposal: Proposal) -> HttpResponse:
        override, feature = proposal.override, proposal.override.feature
        now = in_words(proposal.before[feature.key])
        becomes = in_words(with_override(override=override, at=self.at)[feature.key])
        preview = {
            "what": words_of(override),
            "now": now,
            "becomes": becomes,
            "same": now == becomes,
            "end": say_end(override.ends_at, zone=self.zone) if override.ends_at else "with no end",
            "judged": proposal.judged,
            "approver": approver_words(proposal.judged),
            "override": override,
        }
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.chosen is None:
            return context
        now = entitlements_of(account=self.account, at=self.at)[self.chosen.key]
        return {
            **context,
            "feature": self.chosen,
            "now": in_words(now),
            "title": f"{self.chosen.name}: grant an override",
        }
