"""Saying what a price that is billed stands for here, and looking again at all that waited for it."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from catalog.actions.billing_links import EDIT, Named, set_links
from catalog.admin.billing_links import billing_url
from catalog.models.billing import Mode
from catalog.queries.billing import LinkRow, link_rows, links_token
from entitlements.actions.billed.runs import start_looking
from entitlements.admin.billed.look_pages import NOT_YET
from entitlements.admin.billed.pages import FindingAsk, SeenForm
from entitlements.domain.billed.findings import ABOUT_FEATURE, FindingKind
from entitlements.queries.billed.findings import waiting_alike
from journal.domain.refusal import Refusal
from journal.models import Job


class LinkForm(SeenForm):
    """`links` are the links as the page showed them."""

    links = forms.CharField(widget=forms.HiddenInput, required=False)
    slot = forms.ChoiceField(
        label="What it stands for",
        error_messages={"required": "Choose what it stands for."},
        help_text="Only what has no link yet. What is linked already is changed under “Billing system”.",
    )


class LinkPage(FindingAsk):
    title = "Say what the price stands for"
    template_name = "entitlements/billed/link.html"
    kinds = frozenset({FindingKind.UNLINKED})
    button: ClassVar[str] = "Link it, and look again"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(EDIT):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def fits(self) -> bool:
        return super().fits() and not self.finding.about.startswith(ABOUT_FEATURE)

    @property
    def mode(self) -> Mode:
        return Mode(self.finding.mode)

    @cached_property
    def theirs(self) -> dict[str, str]:
        told = self.finding.evidence.get("theirs") or {}
        return {"price": self.finding.about, **told}

    @cached_property
    def offered(self) -> dict[str, LinkRow]:
        """What has no link yet: prices, and the product as a whole where it is known which."""
        sorts = {"price", *(["product"] if self.theirs.get("product") else [])}
        return {row.slot.name: row for row in link_rows(mode=self.mode) if row.missing and row.slot.sort in sorts}

    def form(self, *, data: Any = None) -> LinkForm:
        initial = {"seen": self.token, "links": links_token(mode=self.mode)}
        form = LinkForm(data, initial=initial)
        chooser = form.fields["slot"]
        assert isinstance(chooser, forms.ChoiceField)
        said = [(name, f"{row.thing}: {self._part(row)}") for name, row in self.offered.items()]
        chooser.choices = [("", "–"), *said]
        return form

    def _part(self, row: LinkRow) -> str:
        return row.part if row.keyed else "all prices of this product"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        links = billing_url(self.mode)
        return {**super().get_context_data(**kwargs), "offered": bool(self.offered), "links_url": links}

    def lead(self) -> str:
        number = waiting_alike(self.finding).count()
        waits = "It is" if number == 1 else f"All {number} that wait for it are"
        return f"{waits} looked at as soon as it is linked, and what was paid for is given."

    def settle(self, form: forms.Form) -> str | Job:
        linked = self._link(form.cleaned_data["slot"], seen=form.cleaned_data["links"])
        if waiting_alike(self.finding).count() > 1:
            self.tell(linked)
            return start_looking(finding=self.finding, by=self.by, at=self.at)
        try:
            return f"{linked} {self.system.look_again(finding=self.finding, by=self.by, at=self.at)}"
        except Refusal as refusal:
            return f"{linked} {NOT_YET} {refusal.message}"

    def _link(self, slot: str, *, seen: str) -> str:
        row, theirs = self.offered[slot], self.theirs
        key = theirs.get("lookup_key", "") if row.keyed else ""
        named = Named(row.slot, theirs["price" if row.keyed else "product"], key)
        set_links(mode=self.mode, named=[named], seen=seen, by=self.by, at=self.at)
        return f"{named.external_id} stands for {row.thing} from now on."
