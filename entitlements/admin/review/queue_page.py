"""The review queue: every override that needs a look, decided one after the other, by keyboard if one likes."""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from entitlements.actions.override_reviews import REVIEWERS, ask_owner, keep
from entitlements.actions.overrides import revoke
from entitlements.admin.answers import in_words
from entitlements.admin.overrides.bulk_page import bulk_url
from entitlements.admin.review.asked import asked, choices, told, with_other
from entitlements.admin.review.forms import ActForm, AskForm, KeepForm, RemoveForm
from entitlements.admin.wording import say_end
from entitlements.domain.reviewing import Section
from entitlements.models import Override
from entitlements.queries.review.queue import MOST_COUNTED, Looked, Queue, due_count, review_queue
from journal.admin.base import PAGE, refusals_shown
from journal.admin.pages import Page
from journal.domain.refusal import Refusal

VIEW = "entitlements.view_override"
GONE = "That override needs no look any more: somebody else has decided about it."


def due(request: HttpRequest) -> str:
    """How many overrides time has brought into the queue, for whoever may decide about them."""
    if not any(request.user.has_perm(permission) for permission in REVIEWERS):
        return ""
    number = due_count(at=timezone.now())
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number or "")


class ReviewPage(Page):
    """One line for each override; what is decided in place stands in its own forms, and the next line follows."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/review/queue.html"
    title = "Overrides to look at"

    @cached_property
    def queue(self) -> Queue:
        return review_queue(at=self.at, asked=asked(self.request.GET, reader=self.request.user))

    @cached_property
    def section(self) -> str:
        return told(self.request.GET).get("section", "")

    @cached_property
    def lines(self) -> tuple[Looked, ...]:
        return self.queue.within(self.section)

    @cached_property
    def number(self) -> int:
        """The page shown: one beyond the last is the last, for the queue gets shorter while one reads."""
        typed = self.request.GET.get("page", "1")
        wanted = max(int(typed), 1) if typed.isdecimal() and len(typed) < 7 else 1
        return min(wanted, max(-(-len(self.lines) // PAGE), 1))

    @cached_property
    def shown(self) -> tuple[Looked, ...]:
        return self.lines[(self.number - 1) * PAGE : self.number * PAGE]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("act") == "choose":
            return self._remove_chosen()
        posted = request.POST.get("override", "")
        line = next((line for line in self.shown if str(line.override.pk) == posted), None)
        form_of = ACTS.get(request.POST.get("act", ""))
        if line is None or form_of is None:
            self.refuse(Refusal(GONE))
            return HttpResponseRedirect(self.address())
        return self._decide(line, form_of(request.POST, override=line.override, at=self.at))

    def _decide(self, line: Looked, form: ActForm) -> HttpResponse:
        if form.is_valid():
            try:
                self.tell(self._act(line.override, form))
                return HttpResponseRedirect(self.address(after=self._next(line)))
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self.render_to_response(self.get_context_data(tried=(line.override.pk, form), form=form), status=422)

    def _act(self, override: Override, form: ActForm) -> str:
        """Carry out what the form asks, and say what was done."""
        given = form.cleaned_data
        who: dict[str, Any] = {"override": override, "by": self.by, "at": self.at}
        about = f"{override.account}, {override.feature}"
        match form:
            case KeepForm():
                kept = keep(review_on=given.get("review_on"), reason=given["reason"], seen=given["seen"], **who)
                return f"{about}: {_until(kept.review_on)}." if "review_on" in given else f"{about}: at rest."
            case AskForm():
                ask_owner(note=given["note"], **who)
                return f"{about}: {override.account.owner} was asked."
            case _:
                revoke(reason=given["reason"], seen=given["seen"], **who)
                return f"{about}: the override is revoked."

    def _next(self, line: Looked) -> int | None:
        """The line that follows, or the one before where it was the last."""
        here = self.shown.index(line)
        near = (*self.shown[here + 1 : here + 2], *self.shown[max(here - 1, 0) : here])
        return near[0].override.pk if near else None

    def _remove_chosen(self) -> HttpResponse:
        chosen = [int(pk) for pk in self.request.POST.getlist("chosen") if pk.isdecimal() and len(pk) < 19]
        if not chosen:
            self.refuse(Refusal("Tick the overrides you want to remove first."))
            return HttpResponseRedirect(self.address())
        return HttpResponseRedirect(bulk_url(chosen))

    def address(self, *, after: int | None = None, page: int | None = None) -> str:
        query = told(self.request.GET)
        number = page or self.number
        query |= {"page": str(number)} if number > 1 else {}
        path = self.request.path + (f"?{urlencode(query)}" if query else "")
        return path if after is None else f"{path}#override-{after}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query, user = self.request.GET, self.request.user
        may = {name: user.has_perm(f"entitlements.{name}_override") for name in ("grant", "revoke")}
        return {
            **super().get_context_data(**kwargs),
            "parts": list(self._parts()),
            "rows": [self._row(line, tried=kwargs.get("tried")) for line in self.shown],
            "choices": choices(query, at=self.at),
            "section": self.section,
            "advice": Section(self.section).advice if self.section else "",
            "narrowed": bool(told(query).keys() - {"section"}),
            "everything": with_other({}, section=self.section),
            "number": len(self.lines),
            "first": (self.number - 1) * PAGE + 1,
            "earlier": self.address(page=self.number - 1) if self.number > 1 else "",
            "later": self.address(page=self.number + 1) if self.number * PAGE < len(self.lines) else "",
            "may": {**may, "review": any(may.values())},
            "removes_many": may["revoke"] and self.section == Section.SAFE and bool(self.shown),
        }

    def _parts(self) -> Iterator[dict[str, Any]]:
        query = self.request.GET
        yield {"words": "All", "count": len(self.queue.lines), "address": with_other(query, section=""), "key": ""}
        for section in Section:
            count, address = self.queue.counts.get(section, 0), with_other(query, section=section.value)
            yield {"words": section.words, "count": count, "address": address, "key": section.value}

    def _row(self, line: Looked, *, tried: tuple[int, ActForm] | None) -> dict[str, Any]:
        row = line.override
        forms = {act: form_of(override=row, at=self.at) for act, form_of in ACTS.items()}
        if tried is not None and tried[0] == row.pk:
            forms[tried[1].act] = tried[1]
        now, without = (in_words(answer) if answer else "" for answer in (line.now, line.without))
        return {
            "line": line,
            "row": row,
            "now": now,
            "without": without,
            "same": now == without,
            "end": say_end(row.ends_at, zone=row.account.zone) if row.ends_at else "",
            "extend": self._extend(row),
            "forms": forms,
            "tried": tried[1].act if tried is not None and tried[0] == row.pk else "",
        }

    def _extend(self, row: Override) -> str:
        """What ends is renewed, what has no end is edited; afterwards the reader is back at the line that follows."""
        name = "edit" if row.ends_at is None else "renew"
        here = next(line for line in self.shown if line.override.pk == row.pk)
        back = urlencode({"next": self.address(after=self._next(here))})
        return f"{reverse(f'admin:entitlements_override_{name}', args=[row.pk])}?{back}"


def _until(day: date | None) -> str:
    assert day is not None  # whatever is in force is kept until a day
    return f"kept until {day.day} {day:%B %Y}"


ACTS: dict[str, type[ActForm]] = {form.act: form for form in (KeepForm, RemoveForm, AskForm)}
