"""What the desk’s own classifier is taught: phrases by feature, written several at once, taken back; and teaching it."""

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.models import Feature
from catalog.queries.instants import say_instant
from journal.admin.pages import FormPage
from journal.domain.refusal import Invalid, Refusal
from support.actions.intake.teaching import PERMISSION, add_phrase, ask_teaching, retire_phrase
from support.admin.intake.teaching_words import say_teaching
from support.admin.intake.words import MAKERS
from support.models import ExamplePhrase, Teaching
from support.queries.intake.taught import ENOUGH, is_taught, known_features, newest_version, phrases

VIEW_PHRASES = "support.view_examplephrase"
MOST_LINES, ROWS = 100, 50
NONE = "none"  # none of these, in addresses and forms


class PhrasesForm(forms.Form):
    feature = forms.ChoiceField(label="About", choices=(), error_messages={"required": "Choose what they are about."})
    lines = forms.CharField(
        label="As customers put it", strip=False, max_length=60_000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One phrase a line, such as “how do I add a colleague?”.",
        error_messages={"required": "Write at least one phrase."},
    )  # fmt: skip

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        chooser = self.fields["feature"]
        assert isinstance(chooser, forms.ChoiceField)
        features = Feature.objects.order_by("name").values_list("key", "name")
        chooser.choices = [
            ("", "Choose"),
            (NONE, "None of these: no feature is meant"),
            *((f"f:{k}", n) for k, n in features),
        ]

    def clean_lines(self) -> list[tuple[int, str]]:
        """With the number of each line, for what is refused of it."""
        numbered = enumerate(self.cleaned_data["lines"].replace("\x00", "").splitlines(), start=1)
        found = [(number, line.strip()) for number, line in numbered if line.strip()]
        if not found:
            raise forms.ValidationError("Write at least one phrase.")
        if len(found) > MOST_LINES:
            raise forms.ValidationError(f"Add at most {MOST_LINES} at once; these are {len(found)}.")
        return found


class ExamplesPage(FormPage[PhrasesForm]):
    permission: ClassVar[str] = VIEW_PHRASES
    template_name = "support/intake/examples.html"
    title = "What it is taught"

    @cached_property
    def asked(self) -> tuple[str | None, str]:
        """Which feature's phrases are shown, and what is looked for in them."""
        key = self.request.GET.get("feature", "").replace("\x00", "")
        typed = self.request.GET.get("q", "").replace("\x00", "").strip()[:200]
        return ("" if key == NONE else key.removeprefix("f:") or None), typed

    def form(self, *, data: Any = None) -> PhrasesForm:
        key, _ = self.asked
        chosen = {} if key is None else {"feature": f"f:{key}" if key else NONE}
        return PhrasesForm(data, initial=chosen)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        act = {"retire": self._retire, "teach": self._teach}.get(request.POST.get("do", ""))
        if act is None:
            return super().post(request, *args, **kwargs)
        try:
            self.tell(act())
        except Refusal as refusal:
            self.refuse(refusal)
        return self._again()

    def act(self, form: PhrasesForm) -> HttpResponse:
        """All of them or none, with the line that can't be."""
        given = form.cleaned_data
        key = given["feature"].removeprefix("f:")
        feature = None if given["feature"] == NONE else get_object_or_404(Feature, key=key)
        before = phrases(feature=feature.key if feature else "", typed="").count()
        with transaction.atomic():
            for number, line in given["lines"]:
                try:
                    add_phrase(text=line, feature=feature, by=self.by, at=self.at)
                except Invalid as refused:
                    raise Invalid(f"Line {number}: {refused.message}", field="lines") from refused
        new = phrases(feature=feature.key if feature else "", typed="").count() - before
        stood = len(given["lines"]) - new
        self.tell(
            f"{_counted(new)} added{f'; {stood} stood there already' if stood else ''}. Teach it when you are done."
        )
        return HttpResponseRedirect(_address(feature.key if feature else ""))

    def _retire(self) -> str:
        typed = self.request.POST.get("phrase", "")
        known = typed.isascii() and typed.isdecimal() and len(typed) < 19
        phrase = get_object_or_404(ExamplePhrase, pk=int(typed) if known else 0)
        retire_phrase(phrase=phrase, by=self.by, at=self.at)
        return f"“{phrase.text}” is taken back; it counts until it is taught anew."

    def _teach(self) -> str:
        ask_teaching(by=self.by, at=self.at)
        return "It is asked for. A worker teaches it, which takes a minute or two; until then it reads as before."

    def _again(self) -> HttpResponse:
        query = self.request.GET.urlencode()
        return HttpResponseRedirect(f"{self.request.path}{f'?{query}' if query else ''}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key, typed = self.asked
        found = Paginator(phrases(feature=key, typed=typed), ROWS).get_page(self.request.GET.get("page", ""))
        known = known_features()
        version = newest_version()
        return {
            **super().get_context_data(**kwargs),
            "known": [(one, _address(one.key), key is not None and one.key == key) for one in known],
            "few": [one for one in known if one.few and one.key],
            "enough": ENOUGH,
            "about": next((one.name for one in known if key is not None and one.key == key), ""),
            "asked": self.request.GET.get("feature", ""),
            "typed": typed,
            "found": found,
            "pages": f"?{urlencode({'feature': self.request.GET.get('feature', ''), 'q': typed})}",
            "version": version,
            "kind": MAKERS.get(version.kind, version.kind) if version else "",
            "taught_at": say_instant(version.taught_at, zone=self.zone) if version else "",
            "up_to_date": version is not None and is_taught(version),
            "may_teach": self.request.user.has_perm(PERMISSION),
            "teaching": say_teaching(Teaching.objects.select_related("version").first(), at=self.at, zone=self.zone),
        }


def _counted(number: int) -> str:
    return f"{number:,} phrase{'' if number == 1 else 's'}"


def _address(key: str) -> str:
    return f"{reverse('admin:intake_examples')}?{urlencode({'feature': f'f:{key}' if key else NONE})}"
