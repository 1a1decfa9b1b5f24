"""Pages of the back office that are no stock forms: they read queries and call actions."""

from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views.generic import TemplateView

from journal.admin.base import actor_of, refusals_shown
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal


class Page(TemplateView):
    """A page of the back office that is no stock form; it reads queries and calls actions."""

    model_admin: ModelAdmin = None  # type: ignore[assignment]  # as_view fills it in, and demands that it exists
    permission: ClassVar[str]
    title: str = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def at(self) -> datetime:
        """The moment of the request: one and the same wherever the page asks."""
        if not hasattr(self, "_at"):
            self._at = timezone.now()
        return self._at

    @property
    def by(self) -> Actor:
        return actor_of(self.request)

    @property
    def zone(self) -> str:
        return str(getattr(self.request.user, "zone", "UTC"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.request.current_app = self.model_admin.admin_site.name
        return {
            **self.model_admin.admin_site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": self.title,
            "zone": self.zone,
        }

    def tell(self, message: str) -> None:
        messages.success(self.request, message)

    def refuse(self, refusal: Refusal) -> None:
        messages.error(self.request, refusal.message)


FormOf = TypeVar("FormOf", bound=Form)


class FormPage(Page, Generic[FormOf]):
    """A page with one form; a refusal of the action is shown in the form, beside the field it is about."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=self.form()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form(data=request.POST)
        if form.is_valid():
            try:
                return self.act(form)
            except Refusal as refusal:
                refusals_shown(form, refusal)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def form(self, *, data: Any = None) -> FormOf:
        raise NotImplementedError

    def act(self, form: FormOf) -> HttpResponse:
        raise NotImplementedError


class AskPage(FormPage[Form]):
    """A page that says what will happen and asks; afterwards the reader is `back` where it is about."""

    form_class: ClassVar[type[Form]] = Form
    button: ClassVar[str]
    danger: ClassVar[bool] = False

    def form(self, *, data: Any = None) -> Form:
        return self.form_class(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = {"lead": self.lead(), "warning": self.warning(), "button": self.button, "danger": self.danger}
        return {**super().get_context_data(**kwargs), **told}

    @property
    def back(self) -> str:
        raise NotImplementedError

    def lead(self) -> str:
        return ""

    def warning(self) -> str:
        return ""

    def done(self, message: str) -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(self.back)
