"""Trying the draft on real deals, what that found deal by deal, and switching it on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Page as Paged
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from catalog.queries.instants import say_instant
from desk.actions.crm.mapping_switch import MOST_DAYS, USUAL_DAYS, start_trying, switch_on
from desk.admin.crm.mapping_pages import EDIT, DraftedForm, MappingPage, SeenForm, mapping_url
from desk.domain.crm.dry_run import ORDER, deal_id, say_limits, say_summary
from desk.domain.crm.told import DealState
from desk.models import DealMapping, MappingState
from desk.queries.crm.dry_runs import TRYING, Row, accounts_named, held_by, rows_of
from desk.queries.crm.mapping_versions import is_tried, mapping_token
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import account_url
from entitlements.queries.contracts.wording import say_day
from journal.admin.fields import DayInput, WholeNumberField
from journal.admin.pages import FormPage
from journal.models import Job

PAGE = 25
WOULD = {
    "create": ("Create", "would be created", "on_sale"),
    "change": ("Change", "would change", "scheduled"),
    "end": ("End", "would end", "retired"),
    "skip": ("Skip", "would be skipped", "draft"),
    "nothing": ("Stays", "stay as they are", ""),
}
NOW, SINCE = "now", "since"


class TryForm(SeenForm):
    days = WholeNumberField(
        label="Deals won in the last so many days",
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        required=False,
    )
    deal = forms.CharField(
        label="Or one deal",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Its id, or the address of its page there. It is tried as if it were won; that alone doesn’t count as "
        "having tried the draft.",
    )

    def ask_for_one(self) -> None:
        """What is in force is only asked what it makes of a deal."""
        del self.fields["days"]
        deal = self.fields["deal"]
        deal.label, deal.required = "Which deal", True
        deal.help_text = "Its id, or the address of its page there. It is tried as if it were won."
        deal.error_messages["required"] = "Say which deal."

    def clean_deal(self) -> str:
        typed = self.cleaned_data["deal"]
        found = deal_id(typed)
        if typed and not found:
            raise forms.ValidationError("No id of a deal stands in this. Copy the address of the deal’s own page.")
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "days" in self.fields and not given.get("deal") and not given.get("days") and not self.errors:
            self.add_error("days", "Say how many days to look back, or name one deal.")
        return given


class TryPage(MappingPage, FormPage[TryForm]):
    """The draft, or without one what is in force: the latter only to understand what it makes of a deal."""

    permission = EDIT
    template_name = "desk/crm/mapping/try.html"
    title = "Try on real deals"

    @property
    def mapping(self) -> DealMapping:
        found = self.draft or self.in_force
        if found is None:
            raise Http404
        return found

    def form(self, *, data: Any = None) -> TryForm:
        form = TryForm(data, initial={"seen": mapping_token(self.mapping)})
        if self.mapping.state != MappingState.DRAFT:
            form.ask_for_one()
        return form

    def act(self, form: TryForm) -> HttpResponse:
        given = form.cleaned_data
        told = {"days": given.get("days") or USUAL_DAYS, "deal": given["deal"], "seen": given["seen"]}
        job = start_trying(mapping=self.mapping, by=self.by, at=self.at, **told)
        return HttpResponseRedirect(mapping_url(self.connection, "tried", job.pk))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "mapping": self.mapping}


class TriedPage(MappingPage):
    """How far the run is; then what was found, by what would happen, with both records of each deal."""

    template_name = "desk/crm/mapping/tried.html"

    @cached_property
    def run(self) -> Job:
        return get_object_or_404(Job, pk=self.kwargs["run"], kind=TRYING, payload__connection=self.connection.pk)

    @cached_property
    def mapping(self) -> DealMapping | None:
        return DealMapping.objects.filter(pk=self.run.payload["mapping"]).first()

    @property
    def title(self) -> str:  # type: ignore[override]
        number = f"version {self.mapping.number}" if self.mapping else "a draft that was given up"
        return f"What {number} would do"

    @cached_property
    def rows(self) -> list[Row]:
        return list(rows_of(self.run))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.request.GET.get("would", "")
        counts = Counter(row["would"] for row in self.rows)
        shown = [row for row in self.rows if not chosen or row["would"] == chosen]
        page = Paginator(_in_order(shown), PAGE).get_page(self.request.GET.get("page"))
        return {
            **super().get_context_data(**kwargs),
            "run": self.run,
            "mapping": self.mapping,
            "state": Job.State(self.run.state).label,
            "at_work": self.run.state in {Job.State.QUEUED, Job.State.RUNNING},
            "behind": self.run.done + self.run.skipped + self.run.failed,
            "asked_at": say_instant(self.run.asked_at, zone=self.zone),
            "of": self._of(),
            "summary": say_summary((row["would"], row["because"]) for row in self.rows) if self.rows else "",
            "cut": f"{cut:,}" if (cut := self.run.result.get("cut", 0)) else "",
            "limits": "" if self.run.payload["deal"] else say_limits(self.rows),
            "failures": list(self.run.items.filter(state="failed").values_list("label", "told")[:20]),
            "chosen": chosen,
            "choices": [
                ("", "All", len(self.rows)),
                *((key, WOULD[key][0], counts[key]) for key in ORDER if counts[key]),
            ],
            "page": page,
            "lines": self._lines(page),
            "counts_now": self._counts_now(),
            "switch_url": mapping_url(self.connection, "switch"),
            "again_url": mapping_url(self.connection, "try"),
        }

    def _of(self) -> str:
        told = self.run.payload
        return f"the deal {told['deal']}" if told["deal"] else f"deals won since {_say_day(told['first_day'])}"

    def _counts_now(self) -> bool:
        """Whether the draft may be switched on by this run."""
        mapping = self.mapping
        if mapping is None or mapping.state != MappingState.DRAFT:
            return False
        return mapping.tried.get("job") == self.run.pk and is_tried(mapping)

    def _lines(self, page: Paged[Row]) -> list[dict[str, Any]]:
        rows: Sequence[Row] = list(page.object_list)
        held = held_by(self.connection, [row["id"] for row in rows])
        named = accounts_named({row["account"] for row in rows if row["account"]})
        found = []
        for row in rows:
            account, deal = named.get(row["account"]), held.get(row["id"])
            word, _, colour = WOULD.get(row["would"], (row["would"], "", ""))
            state = DealState(row["state"])
            found.append(
                {
                    **row,
                    "word": word,
                    "colour": colour,
                    "because": row["because"].rstrip("."),
                    "sold": [words.replace(f"× {row['name']} ", "× ", 1) for words in row["sold"]],
                    "account_name": account.name if account else "",
                    "account_url": account_url(account, part="contracts") if account else "",
                    "contract": deal.contract if deal else None,
                    "contract_url": contract_url(deal.contract) if deal and deal.contract else "",
                    "closed": _say_day(row["closed_on"]) if row["closed_on"] else "",
                    "unlike": "" if state is DealState.WON else state.words.lower(),
                }
            )
        return found


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """By what would happen, then the latest won first."""
    latest = sorted(rows, key=lambda row: str(row["closed_on"]), reverse=True)
    return sorted(latest, key=lambda row: ORDER.index(row["would"]))


def _say_day(day: str) -> str:
    return say_day(date.fromisoformat(day))


# Switching on -------------------------------------------------------------------------------------------------------
class SwitchForm(SeenForm):
    taken = forms.ChoiceField(
        label="From which deals on",
        widget=forms.RadioSelect,
        initial=NOW,
        choices=[(NOW, "Only deals won from today on"), (SINCE, "Also deals won since a day")],
    )
    since = forms.DateField(label="Since", required=False, widget=DayInput)
    reason = ReasonField()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("taken") == SINCE and not given.get("since") and "since" not in self.errors:
            self.add_error("since", "Say since which day.")
        return given

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        since = given["since"] if given["taken"] == SINCE else None
        return {"since": since, "reason": given["reason"], "seen": given["seen"]}


class SwitchPage(DraftedForm[SwitchForm]):
    """What was found stands above the question; deals that were won already are counted before they are taken."""

    template_name = "desk/crm/mapping/switch.html"

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Switch version {self.mapping.number} on"

    @cached_property
    def rows(self) -> list[Row]:
        run = Job.objects.filter(pk=self.mapping.tried.get("job"), kind=TRYING).first()
        return [] if run is None else list(rows_of(run))

    def form(self, *, data: Any = None) -> SwitchForm:
        form = SwitchForm(data, initial={"seen": self.token, "since": self.mapping.tried.get("first_day", "")})
        first = self.mapping.tried.get("first_day")
        if first:
            number = len(self.rows)
            count = "One deal was" if number == 1 else f"{number:,} deals were"
            form.fields["since"].help_text = f"{count} won from {_say_day(first)} on; before that nothing was tried."
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Deals that were won already are counted first; then the same is asked once more."""
        form, step = self.form(data=request.POST), request.POST.get("step", "")
        if step == "change":
            return self.render_to_response(self.get_context_data(form=form))
        if form.is_valid() and form.cleaned_data["taken"] == SINCE and step != "confirm":
            counted = self._counted(form.cleaned_data["since"])
            return self.render_to_response(self.get_context_data(form=form, counted=counted))
        return super().post(request, *args, **kwargs)

    def _counted(self, since: date) -> Mapping[str, Any]:
        mine = [row for row in self.rows if row["closed_on"] and row["closed_on"] >= since.isoformat()]
        summary = say_summary((row["would"], row["because"]) for row in mine) if mine else ""
        limits = say_limits({**row, "earlier": False} for row in mine)
        return {"since": say_day(since), "number": len(mine), "summary": summary, "limits": limits}

    def act(self, form: SwitchForm) -> HttpResponse:
        mapping = switch_on(mapping=self.mapping, **form.asked(), by=self.by, at=self.at)
        return self.done(f"Version {mapping.number} is in force: won deals become what it says from now on.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.mapping.tried.get("job")
        return {
            **super().get_context_data(**kwargs),
            "tried": is_tried(self.mapping),
            "tried_at": say_instant(self.mapping.tried_at, zone=self.zone) if self.mapping.tried_at else "",
            "summary": self.mapping.tried.get("summary", ""),
            "limits": say_limits(self.rows),
            "run_url": mapping_url(self.connection, "tried", run) if run else "",
            "try_url": mapping_url(self.connection, "try"),
            "former": self.in_force,
        }
