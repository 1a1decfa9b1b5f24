"""Writing a cover: agreed anew, amended, renewed. What it says and what it does to whom is shown before it is asked for."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from entitlements.admin.pages import account_url
from entitlements.models import Account, Contract
from journal.admin.pages import FormPage
from journal.domain.refusal import NotFound, Refusal
from support.actions.covers.agreeing import agree_cover, refuse_no_end, renew_cover
from support.actions.covers.amending import amend_cover, weigh
from support.actions.covers.refusals import refuse_faults
from support.actions.covers.writing import refuse_past, refuse_place, refuse_waiting
from support.admin.cases.finding import Meant, meant
from support.admin.covers.form import CoverForm, initial_of, lines_of_contracts
from support.admin.covers.pages import TAB, WRITE, CoverPage, CoversPage, cover_url
from support.admin.covers.picking import pickers
from support.domain.cover_difference import Difference
from support.domain.cover_draft import CoverDraft, place_at
from support.domain.cover_words import say_cover, say_further
from support.models import Cover
from support.queries.covers.changing import CoverChange
from support.queries.covers.checking import contract_end, cover_faults
from support.queries.covers.effects import Effects, effects_of, reached_by
from support.queries.covers.reading import cover_token, named_for

SAVE, CHANGE, FIND, SHOW = "save", "change", "find", "show"


@dataclass(frozen=True, slots=True)
class Preview:
    """What the reader sees before it is asked for: the sentences, what is otherwise, whom it reaches, who decides."""

    words: str
    further: tuple[str, ...]
    place: str
    differences: tuple[Difference, ...]
    effects: Effects
    reached: int
    waits: bool = False


class WritePage(CoversPage, FormPage[CoverForm]):
    """The steps of the form; what a page is about and what its button does is said by each."""

    permission: ClassVar[str] = WRITE
    template_name = "support/covers/write.html"
    button: ClassVar[str]

    @property
    def account(self) -> Account:
        raise NotImplementedError

    @property
    def zone(self) -> str:
        return self.account.zone

    def foresee(self, form: CoverForm) -> Preview:
        raise NotImplementedError

    def save(self, form: CoverForm) -> HttpResponse:
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.get("step") == FIND:
            form = self.form(data=request.POST)
            return self.render_to_response(self.get_context_data(form=form, searching=True))
        return super().post(request, *args, **kwargs)

    def act(self, form: CoverForm) -> HttpResponse:
        step = self.request.POST.get("step", SHOW)
        if step == CHANGE:
            return self.render_to_response(self.get_context_data(form=form))
        if step == SAVE:
            return self.save(form)
        return self.render_to_response(self.get_context_data(form=form, preview=self.foresee(form)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = {**super().get_context_data(**kwargs), "button": self.button, "account": self.account}
        told["account_url"] = account_url(self.account, part=TAB)
        if "form" in told and not told.get("preview"):
            told["pickers"] = pickers(told["form"], account=self.account, typed=self.request.POST)
            told["lines"] = lines_of_contracts(self.account)
            told["picked"] = ("assets", "locations", "products", "contacts")
        return told

    def _preview(self, draft: CoverDraft, effects: Effects, change: CoverChange | None = None) -> Preview:
        named = named_for(draft)
        return Preview(
            words=say_cover(draft, named=named),
            further=say_further(draft),
            place=place_at(draft.window, self.at).words.lower(),
            differences=() if change is None else change.differences,
            effects=effects,
            reached=len(reached_by(draft, account=self.account)),
            waits=change is not None and change.needs_second_person,
        )


class NewCoverPage(WritePage):
    """Whose it is first, by `account` or by the `contract` whose line it hangs on; then what it says."""

    title = "Agree on a cover"
    button = "Agree on it"

    @cached_property
    def under(self) -> Contract | None:
        asked = self.request.GET.get("contract", "")
        rows = Contract.objects.select_related("account")
        return rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 16 else None

    @cached_property
    def meant(self) -> Meant:
        return Meant("", self.under.account) if self.under is not None else meant(self.request.GET)

    @property
    def account(self) -> Account:
        if self.meant.account is None:
            raise NotFound("Find the customer first.")
        return self.meant.account

    @property
    def zone(self) -> str:
        return "UTC" if self.meant.account is None else self.meant.account.zone

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.meant.account is None:
            return self.render_to_response(self._finding())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.get(request) if self.meant.account is None else super().post(request, *args, **kwargs)

    def _finding(self) -> dict[str, Any]:
        shared = CoversPage.get_context_data(self)
        return {**shared, "meant": self.meant, "back": reverse("admin:support_cover_changelist")}

    def form(self, *, data: Any = None) -> CoverForm:
        line = self.request.GET.get("line", "")
        under = {
            "contract": str(self.under.pk) if self.under else "",
            "line": int(line) if line.isdecimal() and len(line) < 6 else None,
        }
        return CoverForm(data, account=self.account, initial=under)

    def foresee(self, form: CoverForm) -> Preview:
        draft = self._draft(form)
        refuse_faults(cover_faults(draft, account=self.account, at=self.at))
        refuse_place(draft, account=self.account, by=self.by)
        effects = effects_of(
            self.account, before=None, after=draft, key="new", named=named_for(draft), at=max(self.at, draft.starts_at)
        )
        return self._preview(draft, effects)

    def _draft(self, form: CoverForm) -> CoverDraft:
        draft = form.draft(zone=self.account.zone, at=self.at)
        return replace(draft, contract_ends_at=contract_end(draft))

    def save(self, form: CoverForm) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        row = agree_cover(account=self.account, draft=self._draft(form), by=self.by, at=self.at, reason=reason)
        self.tell(f"“{row.name}” is agreed.")
        return HttpResponseRedirect(cover_url(row))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "back": account_url(self.account, part=TAB)}


class ChangePage(CoverPage, WritePage):
    """Written on a cover that stands; where it can't be, the cover itself says why."""

    def refuse(self, refusal: Refusal) -> HttpResponse:  # type: ignore[override]
        super().refuse(refusal)
        return HttpResponseRedirect(cover_url(self.cover))

    def require(self) -> None:
        """Refuse what can't be written on, before anybody types."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.has_perm(WRITE) and request.method == "GET":
            try:
                self.require()
            except Refusal as refusal:
                return self.refuse(refusal)
        return super().dispatch(request, *args, **kwargs)

    @property
    def account(self) -> Account:
        return self.cover.account

    @property
    def zone(self) -> str:
        return self.cover.zone


class AmendPage(ChangePage):
    button = "Amend it"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the cover
        return f"Amend {self.cover.name}"

    def require(self) -> None:
        refuse_past(self.cover, at=self.at)
        refuse_waiting(self.cover)

    def form(self, *, data: Any = None) -> CoverForm:
        seen = cover_token(self.cover)
        return CoverForm(data, account=self.account, initial=initial_of(self.read.draft, seen=seen, at=self._from))

    @property
    def _from(self) -> Any:
        return self.at if self.cover.starts_at <= self.at else None

    def _draft(self, form: CoverForm) -> CoverDraft:
        return form.draft(zone=self.zone, at=self.at, was=self.read.draft)

    def foresee(self, form: CoverForm) -> Preview:
        change = weigh(self.cover, self._draft(form), at=self.at)
        return self._preview(change.after, change.effects, change)

    def save(self, form: CoverForm) -> HttpResponse:
        said = form.cleaned_data
        done = amend_cover(
            cover=self.cover, draft=self._draft(form), by=self.by, at=self.at, reason=said["reason"], seen=said["seen"]
        )
        if done.approval is not None:
            self.tell("Asked for. A second person decides; until then it goes on as it is.")
            return HttpResponseRedirect(reverse("admin:support_cover_request", args=[done.approval.pk]))
        self.tell(f"“{done.cover.name}” is amended.")
        return HttpResponseRedirect(cover_url(done.cover))


class RenewPage(ChangePage):
    button = "Renew it"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the cover
        return f"Renew {self.cover.name}"

    def require(self) -> None:
        refuse_no_end(self.cover, at=self.at)
        refuse_waiting(self.cover)

    def form(self, *, data: Any = None) -> CoverForm:
        initial = {**initial_of(self.read.draft, seen=cover_token(self.cover)), "through": None}
        return CoverForm(data, account=self.account, initial=initial).without("starts")

    def _draft(self, form: CoverForm) -> CoverDraft:
        draft = form.draft(zone=self.zone, at=self.at)
        starts_at = refuse_no_end(self.cover, at=self.at)
        return replace(draft, starts_at=starts_at, contract_ends_at=contract_end(draft))

    def foresee(self, form: CoverForm) -> Preview:
        draft = self._draft(form)
        refuse_faults(cover_faults(draft, account=self.account, at=self.at, but=(self.cover.pk,)))
        refuse_place(draft, account=self.account, by=self.by, follows=self.cover)
        named, when = named_for(draft), max(self.at, draft.starts_at)
        effects = effects_of(self.account, before=None, after=draft, key="new", named=named, at=when)
        return self._preview(draft, effects)

    def save(self, form: CoverForm) -> HttpResponse:
        said = form.cleaned_data
        row: Cover = renew_cover(
            cover=self.cover, draft=self._draft(form), by=self.by, at=self.at, reason=said["reason"], seen=said["seen"]
        )
        self.tell(f"“{row.name}” is renewed, without a gap.")
        return HttpResponseRedirect(cover_url(row))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        until = self.read.named.until
        return {**super().get_context_data(**kwargs), "lead": f"It lasts {until}; the renewal begins right there."}
