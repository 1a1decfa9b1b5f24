"""The people at a customer, and what else it is found by: domains and ids in other systems."""

from functools import cached_property
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.actions.contacts import add_contact, edit_contact, remove_contact
from entitlements.actions.identifiers import GIVEN, add_identifier, remove_identifier, say_identifier
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.pages import AccountFormPage
from entitlements.domain.identifiers import SYSTEMS
from entitlements.models import Account, Contact, Identifier
from entitlements.models.account import IdentifierKind
from journal.admin.base import version_of
from journal.domain.refusal import Stale

PERMISSION = "entitlements.open_account"
PART = "contacts"
TOLD = [("yes", "Gets the notices meant for the customer"), ("no", "Is only on file")]


class ContactForm(forms.Form):
    """`seen` is the contact as it stood when the form was opened; nothing is overwritten that nobody has seen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="Name", max_length=200)
    email = forms.EmailField(label="E-mail", help_text="The account is found by it too.")
    told = forms.ChoiceField(label="Notices", choices=TOLD, widget=forms.RadioSelect, initial="yes")

    def given(self) -> dict[str, Any]:
        return {
            "name": self.cleaned_data["name"],
            "email": self.cleaned_data["email"],
            "told": self.cleaned_data["told"] == "yes",
        }


class PeoplePage(AccountFormPage):
    """A page that is done after one form: nothing the customer may do hangs on it."""

    permission = PERMISSION
    template_name = "entitlements/life/people.html"
    button: str
    danger = False

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "button": self.button,
            "danger": self.danger,
            "about": self.about(),
        }

    def about(self) -> list[str]:
        """What stands above the form."""
        return []


class ContactAddPage(PeoplePage):
    title = "Add a contact"
    button = "Add the contact"

    def form(self, *, data: Any = None) -> ContactForm:
        return ContactForm(data)

    def act(self, form: ContactForm) -> HttpResponse:
        contact = add_contact(account=self.account, **form.given(), by=self.by, at=self.at)
        return self.done(f"{contact.name} is a contact of {self.account}.", part=PART)


class ContactPage(PeoplePage):
    @cached_property
    def contact(self) -> Contact:
        return get_object_or_404(Contact, pk=self.kwargs["contact"], account=self.account)

    def hold_unchanged(self, seen: str) -> None:
        """Held while it is compared and written, else two forms could both find it unchanged."""
        Account.objects.select_for_update(no_key=True).get(pk=self.account.pk)
        row = Contact.objects.filter(pk=self.contact.pk).first()
        if row is None or version_of(row) != seen:
            raise Stale(f"Someone else changed {self.contact.name} since you opened this form. Look again.")


class ContactEditPage(ContactPage):
    title = "Edit a contact"
    button = "Save it"

    def form(self, *, data: Any = None) -> ContactForm:
        row = self.contact
        told = "yes" if row.told else "no"
        return ContactForm(data, initial={"seen": version_of(row), "name": row.name, "email": row.email, "told": told})

    @transaction.atomic
    def act(self, form: ContactForm) -> HttpResponse:
        self.hold_unchanged(form.cleaned_data["seen"])
        contact = edit_contact(contact=self.contact, **form.given(), by=self.by, at=self.at)
        return self.done(f"{contact.name} is saved.", part=PART)


class RemovalForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class ContactRemovePage(ContactPage):
    title = "Remove a contact"
    button = "Remove the contact"
    danger = True

    def about(self) -> list[str]:
        row = self.contact
        told = [f"{row.name}, {row.email}."]
        if not row.told:
            return [*told, f"{row.name} gets no notices; the account is no longer found by this address."]
        if self.account.contacts.filter(told=True).exclude(pk=row.pk).exists():
            return [*told, f"{row.name} gets no more notices; the account is no longer found by this address."]
        return [*told, f"Nobody else at {self.account} gets its notices: from then on none reach the customer."]

    def form(self, *, data: Any = None) -> RemovalForm:
        return RemovalForm(data, initial={"seen": version_of(self.contact)})

    @transaction.atomic
    def act(self, form: forms.Form) -> HttpResponse:
        self.hold_unchanged(form.cleaned_data["seen"])
        remove_contact(contact=self.contact, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done(f"{self.contact.name} is no longer a contact of {self.account}.", part=PART)


DOMAIN = "domain"


class IdentifierForm(forms.Form):
    system = forms.ChoiceField(label="What it is", widget=forms.RadioSelect, initial=DOMAIN)
    value = forms.CharField(label="The domain or the id", max_length=320)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        systems = [(key, f"Its id in {name}") for key, name in SYSTEMS.items()]
        offer(self, "system", [(DOMAIN, "A domain of its e-mail addresses, such as acme.example"), *systems])


class IdentifierAddPage(PeoplePage):
    title = "Add what it is found by"
    button = "Add it"

    def form(self, *, data: Any = None) -> IdentifierForm:
        return IdentifierForm(data)

    def act(self, form: forms.Form) -> HttpResponse:
        system = form.cleaned_data["system"]
        row = add_identifier(
            account=self.account,
            kind=IdentifierKind.DOMAIN if system == DOMAIN else IdentifierKind.EXTERNAL,
            system="" if system == DOMAIN else system,
            value=form.cleaned_data["value"],
            by=self.by,
            at=self.at,
        )
        return self.done(f"{self.account} is found by {row.value} too.", part=PART)


class IdentifierRemovePage(PeoplePage):
    title = "Remove what it is found by"
    button = "Remove it"
    danger = True

    @cached_property
    def identifier(self) -> Identifier:
        rows = Identifier.objects.filter(kind__in=GIVEN)
        return get_object_or_404(rows, pk=self.kwargs["identifier"], account=self.account)

    def about(self) -> list[str]:
        words = f"{say_identifier(self.identifier)}: {self.account} is no longer found by it."
        if self.identifier.kind == IdentifierKind.EXTERNAL:
            words += (
                f" What {SYSTEMS.get(self.identifier.system, self.identifier.system)} sends about it finds no account."
            )
        return [words]

    def form(self, *, data: Any = None) -> RemovalForm:
        return RemovalForm(data)

    def act(self, form: forms.Form) -> HttpResponse:
        remove_identifier(identifier=self.identifier, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done(f"{self.account} is no longer found by {self.identifier.value}.", part=PART)
