"""Setting up a connection, editing it, and renewing or ending its secrets, which no page ever shows."""

from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import now

from journal.actions import connections as acts
from journal.admin.connections.forms import ConnectionForm, RenewForm, SetUpForm
from journal.admin.connections.pages import LIST, MANAGE, ConnectionAsk, ConnectionPage, connection_url
from journal.admin.pages import FormPage
from journal.admin.webhooks.words import say_moment
from journal.domain.connection import Mode
from journal.models import ConnectionSecret
from journal.queries.connections import live_secrets
from journal.vendors import SecretKind, Vendor, inside, known


class SetUpPage(FormPage[SetUpForm]):
    """First the system, from the address; then what that one needs."""

    permission: ClassVar[str] = MANAGE
    template_name = "journal/connections/set_up.html"
    title = "Connect a system"

    @cached_property
    def vendor(self) -> Vendor | None:
        offered = known()
        asked = self.request.GET.get("system", "")
        return offered.get(asked) or (next(iter(offered.values())) if len(offered) == 1 else None)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form() if self.vendor else None
        return self.render_to_response(self.get_context_data(form=form))

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.vendor is None:
            raise Http404
        return super().post(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> SetUpForm:
        assert self.vendor is not None, "there is a form for a system that was chosen"
        key = acts.new_key(self.vendor.name, Mode.TEST)
        return SetUpForm(data, vendor=self.vendor, initial={"key": key, "name": self.vendor.words, "mode": "test"})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "vendor": self.vendor,
            "offered": list(known().values()),
            "back": reverse(LIST),
            "button": "Connect it",
        }

    def act(self, form: SetUpForm) -> HttpResponse:
        assert self.vendor is not None, "post() has seen to that"
        told, mode = form.cleaned_data, Mode(form.cleaned_data["mode"])
        key = told["key"].replace("-test-", f"-{mode.value}-").replace("-live-", f"-{mode.value}-")
        connection = acts.set_up(
            vendor=self.vendor.name,
            name=told["name"],
            mode=mode,
            settings=form.settings(),
            secrets=form.secrets(),
            key=key,
            by=self.by,
            at=self.at,
        )
        self.tell(f"{connection.name} is connected. Enter its address at {self.vendor.words} next.")
        return HttpResponseRedirect(connection_url(connection))


class EditPage(ConnectionPage, FormPage[ConnectionForm]):
    template_name = "journal/connections/edit.html"
    title = "Edit the connection"

    def form(self, *, data: Any = None) -> ConnectionForm:
        if self.vendor is None:
            raise Http404
        row = self.connection
        return ConnectionForm(data, vendor=self.vendor, connection=row, initial={"name": row.name})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "button": "Save it"}

    def act(self, form: ConnectionForm) -> HttpResponse:
        told = {"name": form.cleaned_data["name"], "settings": form.settings()}
        acts.edit(connection=self.connection, **told, by=self.by, at=self.at)
        self.tell("The connection was saved.")
        return HttpResponseRedirect(self.back)


class RenewPage(ConnectionAsk):
    """Entering a secret: the first of a purpose, or the next."""

    button: ClassVar[str] = "Enter it"

    @cached_property
    def kind(self) -> SecretKind:
        kinds = {one.purpose: one for one in self.vendor.secrets} if self.vendor else {}
        if self.kwargs["purpose"] not in kinds:
            raise Http404
        return kinds[self.kwargs["purpose"]]

    @cached_property
    def former(self) -> ConnectionSecret | None:
        return live_secrets(self.connection, at=now()).filter(purpose=self.kind.purpose, ends_at=None).first()

    def form(self, *, data: Any = None) -> RenewForm:
        return RenewForm(data, kind=self.kind, has_former=self.former is not None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        verb = "Renew" if self.former else "Enter"
        return {**super().get_context_data(**kwargs), "title": f"{verb} the {inside(self.kind.words)}"}

    def lead(self) -> str:
        if self.former is None:
            return "It is kept sealed, and no page shows it again."
        return (
            f"The one in use is of {say_moment(self.former.created_at)}. Make a new one at the other system first, and "
            "enter it here. It is kept sealed, and no page shows it again."
        )

    def act(self, form: Any) -> HttpResponse:
        acts.renew_secret(
            connection=self.connection,
            purpose=self.kind.purpose,
            secret=form.cleaned_data["secret"],
            overlap=form.overlap(),
            by=self.by,
            at=self.at,
        )
        return self.done(f"The {inside(self.kind.words)} was entered, and is in use from now on.")


class EndSecretPage(ConnectionAsk):
    title = "End the former secret"
    button: ClassVar[str] = "End it now"
    danger: ClassVar[bool] = True

    @cached_property
    def secret(self) -> ConnectionSecret:
        return get_object_or_404(ConnectionSecret, connection=self.connection, pk=self.kwargs["secret"])

    def lead(self) -> str:
        return "From now on only the newer one is good."

    def warning(self) -> str:
        ends_at = self.secret.ends_at
        until = f" until {say_moment(ends_at)}" if ends_at else ""
        return f"If the other system still uses it, what it sends is refused. Left alone, it would be good{until}."

    def act(self, form: Any) -> HttpResponse:
        acts.end_secret(secret=self.secret, by=self.by, at=self.at)
        return self.done("The former secret has ended.")
