"""Granting and revoking overrides: what it is now, what it becomes, and who has to agree, before the button."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.models import Feature
from entitlements.actions.overrides import Proposal, grant, propose, revoke, words_of
from entitlements.admin.answers import in_words
from entitlements.admin.fields import ReasonField
from entitlements.admin.overrides.form import WHOLE_ACCOUNT, FeatureChoiceForm, OverrideForm
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.wording import say_end
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import Place, override_ids, place_of
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import holdings
from entitlements.queries.policies import judge_revocation
from entitlements.queries.preview import with_override, without_override

CONFIRM, CHANGE = "confirm", "change"


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


class RevokeForm(forms.Form):
    reason = ReasonField()


class RevokePage(AccountFormPage):
    """Reached by the override's own number; what changes for the customer stands before the button."""

    permission = "entitlements.revoke_override"
    template_name = "entitlements/revoke.html"
    title = "Revoke an override"

    @cached_property
    def override(self) -> Override:
        rows = Override.objects.select_related("feature", "account__market", "account__owner", "subscription")
        return get_object_or_404(rows, pk=self.kwargs["override_id"])

    @cached_property
    def account(self) -> Account:
        return self.override.account

    def form(self, *, data: Any = None) -> RevokeForm:
        return RevokeForm(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        override = self.override
        key, when = override.feature.key, max(override.starts_at, self.at)
        before = in_words(entitlements_of(account=self.account, at=when)[key])
        after = in_words(without_override(override=override, at=self.at)[key])
        return {
            **super().get_context_data(**kwargs),
            "override": override,
            "what": words_of(override),
            "revocable": place_of(override, at=self.at) in {Place.IN_FORCE, Place.TO_COME},
            "before": before,
            "after": after,
            "same": before == after,
            "judged": judge_revocation(override=override, by=self.by, at=self.at),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        revoke(override=self.override, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done(f"The override on {self.override.feature} is revoked.", part="overrides")
