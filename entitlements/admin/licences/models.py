"""The list of licences, and the page of one: where it stands, what it gives, where it runs."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.views import ChangeList

from catalog.queries.instants import say_instant
from entitlements.admin.licences.addresses import LICENCES
from entitlements.admin.licences.block import file_line, runs_on, story_line, when_it_ends
from entitlements.admin.licences.filters import KeptFilter, PolicyFilter
from entitlements.admin.licences.pages import ACTIVATE, ISSUE, RELATED, REVOKE, SUSPEND, licence_url
from entitlements.admin.licences.try_page import try_url
from entitlements.admin.licences.words import COLOURS, ago, bound_one, place_words, say_day, shown_key
from entitlements.admin.pages import account_url
from entitlements.models import Licence, LicenceActivation
from entitlements.queries.licences.lists import (
    Place,
    files_out,
    months_before,
    places_of,
    released_from,
    story_of,
    validations_in_month,
)
from entitlements.queries.licences.seen import Seen, seen_at
from journal.admin.base import Button, RecordedModelAdmin

LATELY = 12
SET_POLICY = "entitlements.view_licencepolicy"


class LicenceList(ChangeList):
    """Reads where the licences of one page stand at once, instead of licence by licence."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = seen_at(self.result_list, at=timezone.now())
        for licence in self.result_list:
            licence.seen = found[licence.pk]


@admin.register(Licence)
class LicenceAdmin(RecordedModelAdmin):
    list_before_template = "entitlements/licences/head.html"
    list_display = ("shown", "customer", "policy_words", "standing", "runs_on", "ends")
    list_filter = (KeptFilter, PolicyFilter)
    list_select_related = RELATED
    ordering = ("-issued_at", "-pk")
    search_fields = ("prefix", "name", "account__name", "account__key__exact", "activations__fingerprint")
    search_help_text = "The beginning of a key, a customer, or a device or domain it is active on."
    fields = ("prefix", "name", "environment")
    readonly_fields = fields

    class Media:
        css: ClassVar = {"all": ["entitlements/licences.css"]}

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=f"entitlements_licence_{name}")
            for route, page, name in LICENCES
        ]
        return [*pages, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LicenceList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """A key as it is shown, “el_ab12cd34_…”, is looked for by its prefix."""
        parts = search_term.strip().lower().split("_")
        typed = parts[1] if len(parts) > 1 and parts[0] == "el" else search_term
        return super().get_search_results(request, queryset, typed)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"may_issue": request.user.has_perm(ISSUE), "may_see_policies": request.user.has_perm(SET_POLICY)}
        return super().changelist_view(request, {**may, **(extra_context or {})})

    @display(description="Licence", ordering="prefix")
    def shown(self, row: Licence) -> SafeString:
        named = " · ".join(part for part in (row.name, row.environment) if part)
        key = format_html('<code class="whitespace-nowrap">{}</code>', shown_key(row.prefix))
        return format_html("{}<br>{}", key, named) if named else key

    @display(description="Customer", ordering="account__name")
    def customer(self, row: Licence) -> SafeString:
        return format_html(
            '<a class="text-link" href="{}">{}</a>', account_url(row.account, part="licences"), row.account
        )

    @display(description="Policy", ordering="policy__name")
    def policy_words(self, row: Licence) -> str:
        return row.policy.name

    @display(description="State", label=COLOURS)
    def standing(self, row: Licence) -> str:
        return place_words(_seen(row).ruling)[0]

    @display(description="Runs on")
    def runs_on(self, row: Licence) -> str:
        return "–" if row.revoked_at else runs_on(row.policy, _seen(row))

    @display(description="Ends", ordering="expires_at")
    def ends(self, row: Licence) -> str:
        return when_it_ends(row)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A page to read stands where a stock form would: what is done with a licence is done on pages that ask."""
        row: Licence = self.found(request, object_id)
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied
        return self.page(request, "entitlements/licences/licence.html", self._shown(request, row))

    def _shown(self, request: HttpRequest, row: Licence) -> dict[str, Any]:
        at, zone, user = timezone.now(), row.account.zone, request.user
        policy, places, seen = row.policy, places_of(row, at=at), _seen(row)
        over = row.revoked_at is not None
        return {
            "title": str(row),
            "licence": row,
            "account": row.account,
            "key_shown": shown_key(row.prefix),
            "ruling": seen.ruling,
            "place": place_words(seen.ruling),
            "runs": runs_on(policy, seen),
            "buttons": self.buttons(request, row),
            "issued": say_instant(row.issued_at, zone=zone),
            "ends": when_it_ends(row),
            "maintenance": say_day(row.maintenance_until) if row.maintenance_until else "",
            "bound": bound_one(policy).capitalize(),
            "places": [self._place(one, at=at, zone=zone) for one in places],
            "released": [_released(one, zone=zone) for one in released_from(row, most=LATELY)],
            "files": [file_line(one, zone=zone) for one in files_out(row, at=at)],
            "used": _validated(row, at=at),
            "months": [
                (f"{one.starts_on:%B %Y}", f"{one.validations:,}") for one in months_before(row, at=at, most=LATELY)
            ],
            "story": [story_line(event, zone=zone) for event in story_of(row, most=LATELY)],
            "gives": account_url(row.account, part="entitlements"),
            "subscriptions": account_url(row.account, part="subscriptions"),
            "licences": account_url(row.account, part="licences"),
            "policy_url": reverse("admin:entitlements_licencepolicy_change", args=[policy.pk]),
            "try_url": try_url(row),
            "history": self.address("history", row.pk),
            "back": self.address("changelist"),
            "may_activate": user.has_perm(ACTIVATE) and not over,
            "zone": zone,
        }

    def _place(self, one: Place, *, at: Any, zone: str) -> dict[str, Any]:
        heard, beats = one.heard_at, one.row.licence.policy.heartbeat_seconds
        silent = beats is not None and (at - (heard or one.row.activated_at)).total_seconds() >= beats
        return {
            "row": one.row,
            "since": say_instant(one.row.activated_at, zone=zone),
            "heard": ago(at - heard) if heard else "",
            "silent": silent,
            "file": file_line(one.file, zone=zone) if one.file else None,
        }

    def buttons(self, request: HttpRequest, row: Licence) -> list[Button]:
        user, offered = request.user, []
        if row.revoked_at is not None:
            return []
        if user.has_perm(ISSUE):
            offered += [
                Button("Edit", licence_url(row, "edit")),
                Button("Renew the key", licence_url(row, "renew_key")),
                Button("Hand it over", licence_url(row, "transfer")),
            ]
        if user.has_perm(SUSPEND):
            words, page = ("Suspend", "suspend") if row.suspended_at is None else ("Let it go on", "resume")
            offered.append(Button(words, licence_url(row, page)))
        if user.has_perm(REVOKE):
            offered.append(Button("Revoke", licence_url(row, "revoke"), "danger"))
        return offered


def _validated(row: Licence, *, at: datetime) -> str:
    """Empty where any number is let in: nobody counts them then."""
    cap = row.policy.validations_a_month
    return "" if cap is None else f"{validations_in_month(row, at=at):,} of {cap:,} times"


def _released(row: LicenceActivation, *, zone: str) -> dict[str, Any]:
    assert row.released_at is not None  # they were found by it
    return {
        "row": row,
        "since": say_instant(row.activated_at, zone=zone),
        "until": say_instant(row.released_at, zone=zone),
    }


def _seen(row: Any) -> Seen:
    """Read with the page of the list, or for the one row on show."""
    if not hasattr(row, "seen"):
        row.seen = seen_at([row], at=timezone.now())[row.pk]
    found: Seen = row.seen
    return found
