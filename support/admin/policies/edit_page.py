"""The page on which a policy is written: one table of targets, and what goes with it. It saves a draft."""

from collections import defaultdict
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from journal.domain.refusal import Refusal
from support.actions.policies import draft_policy
from support.admin.policies.edit_shown import Telling, shown
from support.admin.policies.pages import EDIT, PolicyPage, policy_url
from support.admin.policies.reading import Read, read_policy
from support.admin.policies.typed import TypedPolicy, TypedRule, added, typed_from, typed_in
from support.domain.policy_checks import faults_of
from support.domain.policy_draft import PolicyDraft
from support.domain.policy_faults import Fault, Known, say_cell
from support.models import VersionState
from support.queries.policies import draft_of, policy_token

SAVE = "save"
ADDS = {"add_channel", "add_milestone", "add_rule", "look"}


class EditPage(PolicyPage):
    permission: ClassVar[str] = EDIT
    template_name = "support/policies/edit.html"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the policy, not by the page
        return f"What {self.policy} promises"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.has_perm(EDIT) and self.waits:
            self.refuse(Refusal(f"{self.open_version} waits for a second person; withdraw the request to change it."))
            return HttpResponseRedirect(policy_url(self.policy))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def waits(self) -> bool:
        return self.open_version is not None and self.open_version.state == VersionState.ASKED

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        draft = draft_of(self.open_version or self.in_force)
        typed = typed_from(
            draft,
            severities=self.severity_names,
            zone=self.zone,
            seen=policy_token(self.policy),
            note=self.open_version.note if self.open_version else "",
        )
        return self._show(typed, errors={}, draft=draft)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = added(typed_in(request.POST), request.POST)
        read = read_policy(typed, severities=self.severity_names, zone=self.zone)
        step = request.POST.get("step", SAVE)
        if step in ADDS:
            errors = self._wrong(read) if step == "look" else {}
            return self._show(typed, errors=errors, draft=read.draft, status=422 if errors else 200)
        errors = self._wrong(read)
        if not typed.note.strip():
            errors["note"] = ["Give a reason: whoever looks at this version later will ask."]
        return self._show(typed, errors=errors, draft=read.draft, status=422) if errors else self._save(typed, read)

    def _save(self, typed: TypedPolicy, read: Read) -> HttpResponse:
        try:
            version = draft_policy(
                policy=self.policy, draft=read.draft, note=typed.note, seen=typed.seen, by=self.by, at=self.at
            )
        except Refusal as refusal:
            errors = {where: list(told) for where, told in refusal.errors.items()}
            return self._show(typed, errors=errors, draft=read.draft, status=422)
        self.tell(f"{version} is drafted. Nothing counts by it yet: look at what it would do.")
        return HttpResponseRedirect(policy_url(self.policy, "preview"))

    def _wrong(self, read: Read) -> dict[str, list[str]]:
        """What can't be read, else what can't be promised: the second follows from the first."""
        return dict(read.errors) or self._faults(read.draft, caution=False)

    def _faults(self, draft: PolicyDraft, *, caution: bool) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for fault in faults_of(draft, known=self.known):
            if fault.caution is caution:
                found[fault.where].append(said_at_its_place(fault, draft=draft, known=self.known))
        return dict(found)

    def _show(
        self, typed: TypedPolicy, *, errors: dict[str, list[str]], draft: PolicyDraft, status: int = 200
    ) -> HttpResponse:
        typed.rules = typed.rules or [TypedRule()]
        telling = Telling.of(errors, self._faults(draft, caution=True))
        page = shown(
            typed,
            telling,
            severities=self.severities,
            calendars=self.calendar_names,
            markets=dict(self.known.markets),
        )
        note = telling.beside("note", name="Why")
        return self.render_to_response(self.get_context_data(**page, note_said=note), status=status)


def said_at_its_place(fault: Fault, *, draft: PolicyDraft, known: Known) -> str:
    """The message without the name of the cell it stands beside."""
    part, *cell = fault.where.split("/")
    if part != "targets" or len(cell) != 3:
        return fault.message
    said = fault.message.removeprefix(f"{say_cell((cell[0], cell[1], cell[2]), draft=draft, known=known)}: ")
    return f"{said[:1].upper()}{said[1:]}"
