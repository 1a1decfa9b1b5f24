"""How a CRM is synchronised: by what companies are found here, whether accounts are opened, whose word counts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from desk.actions.crm.setups import change
from desk.admin.crm.pages import CrmPage
from desk.admin.crm.words import SET_UP, VIEW
from desk.domain.crm.linking import LinkRule
from desk.domain.crm.masters import Master, MasterField, read_masters
from desk.models import CrmSetup
from desk.queries.crm.setups import setup_of, setup_token
from journal.admin.pages import FormPage
from journal.domain.refusal import Stale

RULES = {
    LinkRule.OWN_KEY: (
        "Our key of the account",
        "Somebody, or the desk, wrote the account’s key at the company there. A key that nobody has is told to a person.",
    ),
    LinkRule.DOMAIN: (
        "The company’s domain",
        "Linked by itself where just one account has the domain. Domains of mail providers count for nothing.",
    ),
    LinkRule.NAME: (
        "The company’s name",
        "Only proposed: names are alike by chance, so a person says whether it is the same.",
    ),
}
OPENS = (("no", "It waits for a person, who says whose it is"), ("yes", "A new account is opened for it"))
WHAT = {
    MasterField.NAME: "On invoices and contracts.",
    MasterField.COUNTRY: "Decides the market and the holidays.",
    MasterField.DOMAIN: "Decides which companies and people belong to the account.",
    MasterField.OWNER: "Whoever is asked about renewals.",
}


class HowForm(forms.Form):
    """`order` is every rule, those that are used and those that aren't, in the order on the screen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    order = forms.CharField(widget=forms.HiddenInput, required=False)
    used = forms.MultipleChoiceField(
        label="How companies are found",
        choices=[(rule.value, RULES[rule][0]) for rule in LinkRule],
        error_messages={"required": "Use one way at least: else nobody would ever be found."},
    )
    opens = forms.ChoiceField(label="A company that nobody is found for", choices=OPENS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in MasterField:
            choices = [(one.value, one.words) for one in Master]
            self.fields[f"master_{field.value}"] = forms.ChoiceField(label=field.words, choices=choices)

    @property
    def rules(self) -> list[str]:
        """As they stand on the screen; whatever is not among them stands last."""
        told = str(self["order"].value() or "").split(",")
        known = [rule.value for rule in LinkRule]
        return [*dict.fromkeys(one for one in told if one in known), *(one for one in known if one not in told)]

    @property
    def chosen(self) -> dict[str, Any]:
        """What the action is given of it."""
        given = self.cleaned_data
        return {
            "link_rules": [rule for rule in self.rules if rule in given["used"]],
            "opens_accounts": given["opens"] == "yes",
            "masters": {field.value: given[f"master_{field.value}"] for field in MasterField},
        }


class HowPage(CrmPage, FormPage[HowForm]):
    """To read for whoever may look; to change for whoever may set it up."""

    permission: ClassVar[str] = VIEW
    template_name = "desk/crm/how.html"
    title = "How it is synchronised"

    def form(self, *, data: Any = None) -> HowForm:
        setup = setup_of(self.connection)
        return HowForm(data, initial=_shown(setup))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(SET_UP):
            raise PermissionDenied
        moved = request.POST.get("up") or request.POST.get("down")
        if not moved:
            return super().post(request, *args, **kwargs)
        data = request.POST.copy()
        data["order"] = ",".join(_moved(HowForm(data).rules, moved, -1 if request.POST.get("up") else 1))
        form = HowForm(data)
        form.is_valid()
        form.errors.clear()
        return self.render_to_response(self.get_context_data(form=form, moved=moved))

    def act(self, form: HowForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            change(connection=self.connection, seen=given["seen"], **form.chosen, by=self.by, at=self.at)
        except Stale:
            return self._beside_anothers(form)
        self.tell("From the next look on it is done this way. What is linked already stays linked.")
        return HttpResponseRedirect(self.back)

    def _beside_anothers(self, form: HowForm) -> HttpResponse:
        """What was chosen stays on the screen; what another chose meanwhile is said, and nothing is written over unseen."""
        setup = setup_of(self.connection)
        otherwise = "; ".join(_otherwise(setup, form.chosen)) or "it stands as you chose"
        data = self.request.POST.copy()
        data["seen"] = setup_token(setup)
        anew = HowForm(data)
        anew.add_error(
            None,
            f"Somebody changed this since you opened it. Now {otherwise}. Below is what you chose: save "
            "again to have it so, or leave it.",
        )
        return self.render_to_response(self.get_context_data(form=anew), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form: HowForm = kwargs["form"]
        return {
            **super().get_context_data(**kwargs),
            "rules": list(_lines(form.rules, form["used"].value() or [])),
            "opens": [(value, words, (form["opens"].value() or "no") == value) for value, words in OPENS],
            "masters": [
                {
                    "field": field,
                    "name": f"master_{field.value}",
                    "words": field.words,
                    "what": WHAT[field],
                    "chosen": form[f"master_{field.value}"].value(),
                }
                for field in MasterField
            ],
            "sides": [(one.value, one.words) for one in Master],
            "may_change": self.request.user.has_perm(SET_UP),
            "moved": kwargs.get("moved", ""),
        }


def _shown(setup: CrmSetup) -> Mapping[str, Any]:
    masters = read_masters(setup.masters)
    return {
        "seen": setup_token(setup),
        "order": ",".join(setup.link_rules),
        "used": list(setup.link_rules),
        "opens": "yes" if setup.opens_accounts else "no",
        **{f"master_{field.value}": masters[field].value for field in MasterField},
    }


def _otherwise(setup: CrmSetup, chosen: Mapping[str, Any]) -> Iterator[str]:
    """What is kept and differs from what was chosen, in words."""
    if list(setup.link_rules) != chosen["link_rules"]:
        found_by = ", then ".join(RULES[LinkRule(rule)][0].lower() for rule in setup.link_rules)
        yield f"companies are found by {found_by}"
    if setup.opens_accounts != chosen["opens_accounts"]:
        yield f"where nobody is found for a company: {dict(OPENS)['yes' if setup.opens_accounts else 'no'].lower()}"
    for field, master in read_masters(setup.masters).items():
        if master.value != chosen["masters"][field.value]:
            yield f"master of “{field.words}” is {master.words.lower()}"


def _moved(rules: Sequence[str], one: str, step: int) -> list[str]:
    """The rule past its neighbour; at the end nothing moves."""
    found = list(rules)
    if one in found:
        here = found.index(one)
        there = here + step
        if 0 <= there < len(found):
            found[here], found[there] = found[there], found[here]
    return found


def _lines(rules: Sequence[str], used: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "words": RULES[LinkRule(value)][0],
            "what": RULES[LinkRule(value)][1],
            "used": value in used,
            "first": number == 0,
            "last": number == len(rules) - 1,
        }
        for number, value in enumerate(rules)
    ]
