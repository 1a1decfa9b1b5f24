"""Pausing a connection, letting it go on, and turning it off."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse

from journal.actions import connections as acts
from journal.admin.connections.pages import ConnectionAsk, vendor_words
from journal.domain.connection import ConnectionState


class WhyForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on the page of the connection and in the audit beside your name.",
    )


class PausePage(ConnectionAsk):
    form_class = WhyForm
    title = "Pause the connection"
    button: ClassVar[str] = "Pause it"

    def lead(self) -> str:
        return (
            "What arrives is stored and waits until somebody lets it go on: nothing is lost. Until then nothing that "
            f"happens at {vendor_words(self.connection)} reaches the desk’s customers."
        )

    def act(self, form: Any) -> HttpResponse:
        acts.pause(connection=self.connection, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done("The connection is paused. What arrives waits.")


class ResumePage(ConnectionAsk):
    title = "Let the connection go on"
    button: ClassVar[str] = "Let it go on"

    def lead(self) -> str:
        number = self.doing.waiting
        if not number:
            return "Nothing waits. What arrives is taken at once."
        return f"{number:,} {'arrival is' if number == 1 else 'arrivals are'} taken at once, in the order they came."

    def warning(self) -> str:
        if self.connection.state != ConnectionState.OFF:
            return ""
        return (
            f"While it was turned off, nothing that {vendor_words(self.connection)} sent was stored. Have it sent again "
            "there, or compare what stands on both sides."
        )

    def act(self, form: Any) -> HttpResponse:
        acts.resume(connection=self.connection, by=self.by, at=self.at)
        return self.done("The connection goes on. What waited is being taken.")


class TurnOffPage(ConnectionAsk):
    form_class = WhyForm
    title = "Turn the connection off"
    button: ClassVar[str] = "Turn it off"
    danger: ClassVar[bool] = True

    def lead(self) -> str:
        return (
            f"Its address answers as if there were nothing: {vendor_words(self.connection)} sees its messages fail. Its "
            "secrets, what arrived and what was done stay; it can go on again."
        )

    def warning(self) -> str:
        number = self.doing.waiting
        waiting = f" {number:,} that {'waits' if number == 1 else 'wait'} won’t be taken." if number else ""
        return f"What comes meanwhile is lost to the desk.{waiting} Pausing it stores everything."

    def act(self, form: Any) -> HttpResponse:
        acts.turn_off(connection=self.connection, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done("The connection is turned off.")
