"""What is told about a ticket that is to be checked: its words, who asks, by which channel, and what its fields say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from catalog.models import Feature
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key, find_accounts
from journal.domain.refusal import NotFound
from support.domain.case_events import Channel
from support.domain.intake.tickets import Attachment
from support.intake.attachments import patience, read_attachment
from support.models import Severity
from support.queries.cases.senders import whose
from support.queries.intake.deciding import Told, ticket_of

LONGEST_TEXT, MOST_FILES, FEW = 100_000, 10, 5
HERE = "desk"


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files up to MOST_FILES."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(f"At most {MOST_FILES} files at once; these are {len(given)}.")
        return given


class CheckForm(forms.Form):
    requester = forms.EmailField(
        label="Asked by", required=False, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="The e-mail address it came from. The customer is found by it.",
    )  # fmt: skip
    customer = forms.CharField(
        label="Customer", required=False, max_length=320, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Key, id or name. Empty: whoever the address belongs to.",
    )  # fmt: skip
    channel = forms.ChoiceField(
        label="Came in by", choices=[(one.value, one.words) for one in Channel], initial=Channel.EMAIL.value
    )
    subject = forms.CharField(label="Subject", required=False, max_length=300)
    text = forms.CharField(
        label="What they wrote", required=False, max_length=LONGEST_TEXT, strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )  # fmt: skip
    attachments = FilesField(
        label="Attachments", required=False,
        help_text=f"Up to {MOST_FILES}: text, mail, PDF, Word, HTML. What can’t be read is held for a person.",
    )  # fmt: skip
    feature = forms.ModelChoiceField(
        Feature.objects.order_by("name"), label="Feature they chose", required=False, to_field_name="key",
        empty_label="None: their words tell", help_text="Only if a field of their form named it.",
    )  # fmt: skip
    severity = forms.ModelChoiceField(
        Severity.objects.all(), label="How bad they say it is", required=False, to_field_name="key",
        empty_label="Not said",
    )  # fmt: skip

    def __init__(
        self, data: Any = None, files: Any = None, *, kept: Sequence[Attachment] = (), initial: Any = None
    ) -> None:
        super().__init__(data, files, initial=initial)
        self.kept = tuple(kept)
        self.account: Account | None = None
        self.found = ""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not any((said.get("subject", "").strip(), said.get("text", "").strip(), said.get("attachments"), self.kept)):
            self.add_error("text", "Paste what the customer wrote.")
        if not self.errors.keys() & {"customer", "requester"}:
            self._find(said.get("customer", "").replace("\x00", "").strip(), said.get("requester", ""))
        return said

    def _find(self, typed: str, requester: str) -> None:
        """The customer that was named, else the one the address belongs to; nobody known is an answer too."""
        if not typed:
            self.account, self.found = whose(requester)
            return
        try:
            self.account = account_by_key(typed)
        except NotFound:
            self.account = self._by_name(typed)

    def _by_name(self, typed: str) -> Account | None:
        matches = find_accounts(text=typed, limit=FEW + 1)
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = ", ".join(f"{one.key} ({one})" for one in matches[:FEW])
            more = " and more" if len(matches) > FEW else ""
            self.add_error(
                "customer", f"Several customers match: {names}{more}. Type the key of the one that is meant."
            )
        else:
            self.add_error(
                "customer", f"Nobody found for “{typed}”. Leave it empty if nobody knows whose ticket it is."
            )
        return None

    @property
    def says_more(self) -> bool:
        """Whether anything of what is folded away was said, or is wrong."""
        return any(self[name].errors or self[name].value() for name in ("attachments", "feature", "severity"))

    def told(self) -> Told:
        """As it is checked. Files are read here, before anything is written."""
        said = self.cleaned_data
        until = patience()
        read = [
            read_attachment(one.name or "", one.content_type or "", one.read(), until=until)
            for one in said["attachments"]
        ]
        feature, severity = said["feature"], said["severity"]
        ticket = ticket_of(said["subject"], said["text"].replace("\r\n", "\n"), (*self.kept, *read))
        return Told(
            ticket=ticket, channel=Channel(said["channel"]), account=self.account, requester=said["requester"].lower(),
            feature=feature.key if feature else "", severity=severity.key if severity else "", source=HERE,
        )  # fmt: skip
