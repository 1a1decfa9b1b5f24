"""Editing and renewing an override: what there is, what it becomes, and who has to agree, before the button."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.queries.instants import say_instant
from entitlements.actions.override_changes import edit, propose_edit, propose_renewal, renew
from entitlements.actions.overrides import Proposal, words_of
from entitlements.admin.answers import in_words
from entitlements.admin.overrides.form import EditForm, RenewForm
from entitlements.admin.overrides.pages import CHANGE, CONFIRM, approver_words
from entitlements.admin.pages import AccountFormPage
from entitlements.admin.wording import DAY, say_end
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import place_of, renews
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import holdings
from entitlements.queries.preview import with_override
from journal.domain.refusal import Invalid, Refusal

TRIED = "To see whether it can be changed"


class ChangePage(AccountFormPage):
    """Two steps on one address: what is to be different, and what that becomes."""

    permission = "entitlements.grant_override"
    template_name = "entitlements/overrides/change.html"
    button: ClassVar[str]

    @cached_property
    def override(self) -> Override:
        rows = Override.objects.select_related(
            "feature__group", "account__market", "account__owner", "subscription", "reason_code", "follows", "loan"
        )
        return get_object_or_404(rows, pk=self.kwargs["override_id"])

    @cached_property
    def account(self) -> Account:
        return self.override.account

    @cached_property
    def refused(self) -> str:
        """Why there is nothing to change here, so that nobody fills in a form in vain."""
        try:
            self.try_out()
        except Invalid:  # what the form asks for is missing yet
            return ""
        except Refusal as refusal:
            return refusal.message
        return ""

    def try_out(self) -> None:
        raise NotImplementedError

    def proposal(self, form: Any) -> Proposal:
        raise NotImplementedError

    def change(self, form: Any) -> Override:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == CHANGE:
            return self.render_to_response(self.get_context_data(form=self.form(data=request.POST)))
        return super().post(request, *args, **kwargs)

    def act(self, form: Any) -> HttpResponse:
        if self.request.POST.get("step") != CONFIRM:
            preview = self._preview(self.proposal(form))
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        changed = self.change(form)
        said = f"{changed.feature}: {words_of(changed)}."
        if changed.state == OverrideState.REQUESTED:
            return self.done(f"{said} It waits for approval; until then all stays as it is.", part="overrides")
        return self.done(f"{said} {self.told(changed)}", part="overrides")

    def told(self, changed: Override) -> str:
        raise NotImplementedError

    def _preview(self, proposal: Proposal) -> dict[str, Any]:
        successor, key = proposal.override, proposal.override.feature.key
        follows = None if renews(successor) else successor.follows
        when = max(successor.starts_at, self.at)
        now = in_words(entitlements_of(account=self.account, at=when)[key])
        becomes = in_words(with_override(override=successor, at=self.at, replacing=follows)[key])
        return {
            "what": words_of(successor),
            "when": "" if when <= self.at else say_instant(when, zone=self.zone),
            "now": now,
            "becomes": becomes,
            "same": now == becomes,
            "end": say_end(successor.ends_at, zone=self.zone) if successor.ends_at else "with no end",
            "judged": proposal.judged,
            "approver": approver_words(proposal.judged),
            "override": successor,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        override = self.override
        place = place_of(override, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{override.feature}: {self.title.lower()}",
            "override": override,
            "what": words_of(override),
            "place": place,
            "waits": override.state == OverrideState.REQUESTED,
            "refused": self.refused,
            "button": self.button,
        }


class EditPage(ChangePage):
    title = "Edit an override"
    button = "Change it"

    def form(self, *, data: Any = None) -> EditForm:
        held = holdings(account_ids=[self.account.pk], at=self.at)[self.account.pk]
        return EditForm(data, override=self.override, held=held)

    def try_out(self) -> None:
        propose_edit(override=self.override, reason=TRIED, by=self.by, at=self.at)

    def proposal(self, form: EditForm) -> Proposal:
        why = form.cleaned_data["reason"]
        return propose_edit(override=self.override, reason=why, by=self.by, at=self.at, **form.changes())

    def change(self, form: EditForm) -> Override:
        given = form.cleaned_data
        told: dict[str, Any] = {"reason": given["reason"], "seen": given["seen"], **form.changes()}
        return edit(override=self.override, by=self.by, at=self.at, **told)

    def told(self, changed: Override) -> str:
        if changed.pk == self.override.pk:
            return "The promise itself stays as it is."
        return "It took the place of the one before."


class RenewPage(ChangePage):
    title = "Renew an override"
    button = "Renew it"

    def form(self, *, data: Any = None) -> RenewForm:
        return RenewForm(data, override=self.override)

    def try_out(self) -> None:
        last = max(self.override.ends_at or self.at, self.at)
        longer = (last + 2 * DAY).date()
        propose_renewal(override=self.override, through_on=longer, reason=TRIED, by=self.by, at=self.at)

    def proposal(self, form: RenewForm) -> Proposal:
        given = form.cleaned_data
        through, why = given["through_on"], given["reason"]
        return propose_renewal(override=self.override, through_on=through, reason=why, by=self.by, at=self.at)

    def change(self, form: RenewForm) -> Override:
        return renew(override=self.override, **form.cleaned_data, by=self.by, at=self.at)

    def told(self, changed: Override) -> str:
        return "It is renewed."
