"""How tickets are checked: read by whoever may, edited with what it would change shown first, and taken up again."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.domain.words import say_money
from catalog.queries.instants import say_instant
from journal.admin.base import version_of
from journal.admin.pages import FormPage
from journal.admin.versions import version_lines
from journal.domain.refusal import Stale
from support.actions.intake.editing import PERMISSION, set_intake
from support.admin.intake.evidence import Borne, borne_out
from support.admin.intake.settings_form import PERCENT, PERCENTS, SettingsForm, initial_of
from support.domain.case_events import Channel
from support.models import ClassifierVersion, IntakeSettings
from support.queries.intake.replaying import Preview, previewed
from support.queries.intake.settings import intake_settings
from support.queries.intake.topics import number_of_labels

MOST_VERSIONS = 20
VIEW_SETTINGS = "support.view_intakesettings"
# The form’s labels, by the names under which the history tells of the same.
LABELS = {
    name.replace("_", " ").capitalize(): str(field.label).replace(PERCENT, "").rstrip("?")
    for name, field in SettingsForm.base_fields.items()
}


class SettingsPage(FormPage[SettingsForm]):
    permission: ClassVar[str] = VIEW_SETTINGS
    template_name = "support/intake/settings.html"
    title = "How tickets are checked"

    @cached_property
    def row(self) -> IntakeSettings:
        return intake_settings()

    @property
    def may_edit(self) -> bool:
        return self.request.user.has_perm(PERMISSION)

    @cached_property
    def version(self) -> ClassifierVersion | None:
        return ClassifierVersion.objects.defer("learnt", "topics").first()

    @cached_property
    def labels(self) -> int:
        return number_of_labels()

    @cached_property
    def earlier(self) -> IntakeSettings | None:
        """The version that is taken up again, by the form it fills."""
        typed = self.request.GET.get("version", "")
        if not typed or self.request.method == "POST":
            return None
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
            raise Http404
        found = self.row.history.filter(pk=int(typed)).first() if self.row.pk else None  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        settings: IntakeSettings = found.instance
        return settings

    def form(self, *, data: Any = None) -> SettingsForm:
        shown = self.earlier or self.row
        initial = {**initial_of(shown), "seen": _token(self.row)}
        return SettingsForm(data, initial=initial, may_edit=self.may_edit, kept=bool(self.row.provider_key))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_edit:
            raise PermissionDenied
        form = self.form(data=request.POST)
        if request.POST.get("do") == "preview" and form.is_valid():
            then = IntakeSettings(pk=self.row.pk, **form.said())
            shown = {"preview": self._preview(then), "changed": list(form.changed())}
            return self.render_to_response(self.get_context_data(form=form, **shown))
        return super().post(request, *args, **kwargs)

    def act(self, form: SettingsForm) -> HttpResponse:
        given = form.cleaned_data
        if given["seen"] != _token(self.row):
            raise Stale()
        set_intake(by=self.by, at=self.at, reason=given["reason"], provider_key=form.key_said(), **form.said())
        self.tell("How tickets are checked is saved; it counts from the next ticket on.")
        return HttpResponseRedirect(reverse("admin:intake_settings"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier, shown = self.earlier, super().get_context_data(**kwargs)
        return {
            "preview": self._preview(earlier) if earlier is not None else None,
            **shown,
            "may_edit": self.may_edit,
            "earlier": earlier is not None,
            "parts": list(self._parts(shown["form"])),
            "labels": self.labels,
            "wanted": self.row.labels_wanted,
            "learning": self.labels < self.row.labels_wanted,
            "versions": self._versions() if self.row.pk else [],
        }

    def _parts(self, form: SettingsForm) -> Iterator[tuple[Any, ...]]:
        """What only another reader needs is folded away, unless something of it is wrong."""
        reads = form["read_by"].value()
        for title, says, fields, reader in form.parts():
            wrong = any(field.errors for field in fields)
            yield title, says, [(field, self._borne(field.name)) for field in fields], reader, reader == reads or wrong

    def _borne(self, name: str) -> Borne | None:
        outcome = name.removesuffix("_percent")
        return borne_out(self.version, self.row, outcome) if name in PERCENTS else None

    def _preview(self, then: IntakeSettings) -> Preview:
        return previewed(self.row, then, version=self.version, labels=self.labels)

    def _versions(self) -> list[dict[str, Any]]:
        history = self.row.history.order_by("-history_date", "-history_id")  # type: ignore[attr-defined]
        lines = zip(version_lines(self.row), history.values_list("pk", flat=True), strict=True)
        return [
            {
                "at": say_instant(line.at, zone=self.zone),
                "by": line.event.actor_name if line.event else "–",
                "why": line.event.reason if line.event else "",
                "changes": [_worth(*change) for change in line.changes],
                "again": f"{reverse('admin:intake_settings')}?version={pk}" if self.may_edit and number else "",
                "newest": number == 0,
            }
            for number, (line, pk) in enumerate(lines)
        ][:MOST_VERSIONS]


def _channels(what: str, said: str) -> str:
    words = {one.value: one.words for one in Channel} if what == "Checked" else {}
    return ", ".join(words.get(one, one) for one in said.split(", "))


def _token(row: IntakeSettings) -> str:
    return version_of(row)


def _worth(what: str, before: str, after: str) -> tuple[str, str, str]:
    """By the name its field has in the form; an amount as one says it, not in millionths."""
    if what != "Cost of a ticket":
        return LABELS.get(what, what), _channels(what, before), _channels(what, after)
    first, then = (say_money(int(one), "").strip() if one.isdecimal() else one for one in (before, after))
    return what, first, then
