"""Redeeming a promotional code for an account, and the list of who used which."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.decorators import display

from catalog.models.offer import Gift
from catalog.queries.instants import say_instant
from catalog.queries.promotions import say_gift
from entitlements.actions.redemptions import Offered, look_at, origin_of, redeem, revoke_redemption
from entitlements.actions.sales import version_to_sell
from entitlements.admin.pages import account_url
from entitlements.admin.selling.asking import Preview, SellingForm, SellingPage
from entitlements.admin.wording import say_end
from entitlements.models import Redemption, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.item_preview import Difference, differences, with_items
from entitlements.queries.preview import with_override
from journal.admin.base import Button, RecordedModelAdmin
from journal.admin.question import Question, ask

REVOKE = "entitlements.revoke_redemption"


class CodeForm(SellingForm):
    code = forms.CharField(
        label="Code",
        max_length=80,
        help_text="As the customer says it; small letters, spaces and dashes make no difference.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Type the code."},
    )


class RedeemPage(SellingPage[CodeForm]):
    permission = "entitlements.redeem_code"
    title = "Redeem a code"
    button = "Redeem it"

    def form(self, *, data: Any = None) -> CodeForm:
        return CodeForm(data, initial=self.opened_with())

    def preview(self, form: CodeForm) -> Preview:
        offered = look_at(account=self.account, code=form.cleaned_data["code"], by=self.by, at=self.at)
        facts = [("Gives", say_gift(offered.code)), ("How long", say_end(offered.ends_at, zone=self.zone))]
        return Preview(
            what=origin_of(offered.code),
            facts=[*facts, ("How", _way(offered))],
            differences=self._differences(offered),
        )

    def _differences(self, offered: Offered) -> tuple[Difference, ...]:
        if offered.override is not None:
            now = entitlements_of(account=self.account, at=self.at)
            return differences(now, with_override(override=offered.override, at=self.at))
        plan = offered.code.plan
        assert plan is not None  # the database says so
        row = SubscriptionItem(
            subscription=offered.host,
            plan=plan,
            version=version_to_sell(plan, self.at),
            quantity=offered.code.quantity,
            starts_at=self.at,
            ends_at=None if offered.opens_trial else offered.ends_at,
            lent=not offered.opens_trial,
            recorded_at=self.at,
        )
        trial_ends_at = offered.ends_at if offered.opens_trial else None
        return with_items(account=self.account, adds=[row], trial_ends_at=trial_ends_at, at=self.at)

    def carry_out(self, form: CodeForm) -> str:
        used = redeem(account=self.account, code=form.cleaned_data["code"], by=self.by, at=self.at)
        return f"{used.code} was redeemed: {say_gift(used.code)}."


def _way(offered: Offered) -> str:
    if offered.override is not None:
        return "An override for the whole account; it ends by itself."
    if offered.opens_trial:
        return "A trial subscription, which can be extended and converted."
    assert offered.host is not None  # the other two ways are told
    lent = "The plan is lent beside" if offered.code.gives == Gift.TRIAL else "Added to"
    return f"{lent} subscription {offered.host.number}; it ends by itself."


class ReasonQuestion(forms.Form):
    reason = forms.CharField(label="Why", max_length=500, help_text="It stands in the audit beside your name.")


@admin.register(Redemption)
class RedemptionAdmin(RecordedModelAdmin):
    """Who used which code, and what it gave; what was given by mistake is taken back here."""

    list_display = ("code", "customer", "when", "gave", "standing")
    list_filter = ("code__campaign",)
    list_select_related = ("code__plan", "code__feature__group", "account")
    search_fields = ("code__code", "account__name", "account__key")
    search_help_text = "A code, or the name or key of a customer."
    fields = ("code", "customer", "when", "gave", "standing")
    readonly_fields = fields
    row_pages = ("revoke",)

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Redemption) -> str:
        return format_html('<a href="{}">{}</a>', account_url(row.account, part="extras"), row.account)

    @display(description="Redeemed", ordering="redeemed_at")
    def when(self, row: Redemption) -> str:
        return say_instant(row.redeemed_at, zone=row.account.zone)

    @display(description="What it gave")
    def gave(self, row: Redemption) -> str:
        return say_gift(row.code)

    @display(description="State", label={"Counted": "success", "Taken back": "danger"})
    def standing(self, row: Redemption) -> str:
        return "Counted" if row.revoked_at is None else "Taken back"

    def buttons(self, request: HttpRequest, row: Redemption) -> list[Button]:
        if row.revoked_at is not None or not request.user.has_perm(REVOKE):
            return []
        return [Button("Take it back", self.address("revoke", row.pk), "danger")]

    def revoke_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row: Redemption = self.found(request, object_id)
        if not request.user.has_perm(REVOKE):
            raise PermissionDenied
        question = Question(
            title=f"Take back what {row.code} gave {row.account}?",
            button="Take it back",
            done=f"What {row.code} gave {row.account} has ended.",
            back_to=account_url(row.account, part="extras"),
            facts=[("Gave", self.gave(row)), ("Redeemed", self.when(row)), ("State", self.standing(row))],
            warning=f"{row.account} loses it from the second you press the button. The code can be used once more.",
            danger=True,
        )
        return ask(self, request, question, revoke_redemption, form_class=ReasonQuestion, redemption=row)
