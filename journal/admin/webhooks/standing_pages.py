"""Pausing an endpoint, letting it go on, removing it, and trying it out."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from journal.actions.webhooks import endpoints as acts
from journal.actions.webhooks.replaying import ping
from journal.admin.webhooks.pages import LIST, EndpointAsk, endpoint_url
from journal.domain.webhooks.endpoint import EndpointState
from journal.queries.webhooks import messages, webhook_id
from journal.webhook_events import PING


class NoteForm(forms.Form):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on the page of the webhook and in the audit beside your name.",
    )


class RemovalForm(NoteForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].help_text = "It stands in the audit beside your name."


class PausePage(EndpointAsk):
    form_class = NoteForm
    title = "Pause the webhook"
    button: ClassVar[str] = "Pause it"

    def lead(self) -> str:
        return (
            "Nothing is sent until somebody lets it go on. What happens meanwhile waits, and is sent then: "
            "nothing is lost."
        )

    def act(self, form: Any) -> HttpResponse:
        acts.pause(endpoint=self.endpoint, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return self.done("The webhook is paused. Its messages wait.")


class ResumePage(EndpointAsk):
    title = "Let the webhook go on"
    button: ClassVar[str] = "Let it go on"

    def lead(self) -> str:
        number = self.doing.waiting
        return f"{number:,} message{' is' if number == 1 else 's are'} sent at once, in no particular order."

    def warning(self) -> str:
        if self.endpoint.state != EndpointState.DISABLED:
            return ""
        return (
            "The desk had switched it off, and wrote no messages for it since. What waited and is older than three "
            "days is given up instead of sent; it stands in the log. Let the receiver read the accounts anew."
        )

    def act(self, form: Any) -> HttpResponse:
        acts.resume(endpoint=self.endpoint, by=self.by, at=self.at)
        return self.done("The webhook goes on. What waited is being sent.")


class RemovePage(EndpointAsk):
    form_class = RemovalForm
    title = "Remove the webhook"
    button: ClassVar[str] = "Remove it"
    danger: ClassVar[bool] = True

    def lead(self) -> str:
        return "It is told no more. Its secret and its log go with it; what was done to it stays in the audit."

    def warning(self) -> str:
        waiting, kept = self.doing.waiting, messages(self.endpoint).count()
        lost = f", and {waiting:,} that wait{'s' if waiting == 1 else ''} will never be sent" if waiting else ""
        return f"{kept:,} message{' is' if kept == 1 else 's are'} in its log{lost}. Pausing it keeps everything."

    def act(self, form: Any) -> HttpResponse:
        acts.remove(endpoint=self.endpoint, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        self.tell(f"The webhook {self.endpoint} was removed.")
        return HttpResponseRedirect(reverse(LIST))


class TestPage(EndpointAsk):
    __test__ = False  # its name begins as those of tests do
    title = "Send a test"
    button: ClassVar[str] = "Send a test"

    def lead(self) -> str:
        return (
            f"The message {PING} goes to this address alone, whatever it is told of otherwise, signed like any other. "
            "You see next how the receiver took it."
        )

    def warning(self) -> str:
        return "It is paused: the test waits with the others." if self.endpoint.state == EndpointState.PAUSED else ""

    def act(self, form: Any) -> HttpResponse:
        message = ping(endpoint=self.endpoint, by=self.by, at=self.at)
        self.tell("The test is on its way. Load this page again in a moment to see what came of it.")
        return HttpResponseRedirect(endpoint_url(self.endpoint, "message", webhook_id(message)))
