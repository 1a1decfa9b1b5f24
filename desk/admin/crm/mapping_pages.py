"""What every page about a mapping of deals has in common: the connection, the draft and what is in force, and what its
CRM has to name."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from desk.actions.crm.mappings import PERMISSION as EDIT
from desk.admin.crm.pages import ConnectedPage
from desk.domain.crm.mapping_words import Names
from desk.integrations.crm.offering import Offers, offers_of
from desk.integrations.crm.port import Offered
from desk.models import DealMapping
from desk.queries.crm.mapping import in_force
from desk.queries.crm.mapping_versions import draft_of, mapping_token, names
from journal.admin.pages import AskPage, FormPage
from journal.domain.refusal import Refusal
from journal.models import Connection

VIEW = "desk.view_dealmapping"
ENTRY = "admin:desk_crm_mapping"
FormOf = TypeVar("FormOf", bound=forms.Form)


def mapping_url(connection: Connection, page: str = "of", *arguments: Any) -> str:
    """The address of the page that says what a connection's won deals become, or of one of its further pages."""
    return reverse(f"{ENTRY}_{page}", args=[connection.pk, *arguments])


class MappingPage(ConnectedPage):
    """Who may not look at mappings is turned away, whatever else they may."""

    permission: ClassVar[str] = VIEW
    looking = VIEW

    @cached_property
    def draft(self) -> DealMapping | None:
        return draft_of(self.connection)

    @cached_property
    def in_force(self) -> DealMapping | None:
        return in_force(self.connection)

    @cached_property
    def offers(self) -> Offers:
        anew = "anew" in self.request.GET and self.request.user.has_perm(EDIT)
        return offers_of(self.connection, at=self.at, anew=anew)

    @cached_property
    def names(self) -> Names:
        return names(line_fields=_named(self.offers.line_fields), deal_fields=_named(self.offers.deal_fields))

    @property
    def back(self) -> str:
        return mapping_url(self.connection)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = self.request.user.has_perm
        return {
            **super().get_context_data(**kwargs),
            "connection": self.connection,
            "vendor": self.vendor,
            "back": self.back,
            "may_edit": may(EDIT),
            "away": self.away(),
        }

    def away(self) -> str:
        """Why the CRM can't be asked, on pages that name what it has."""
        return ""


def _named(offered: tuple[Offered, ...]) -> Iterator[tuple[str, str]]:
    return ((one.name, one.words) for one in offered)


class NamingPage(MappingPage):
    """A page that says things as the CRM calls them; where it can't be asked, it says so and by which names it goes on."""

    def away(self) -> str:
        return self.offers.away


class DraftedPage(MappingPage):
    """A page about the draft; without one there is nothing to change, and the mapping's own page says what there is."""

    permission: ClassVar[str] = EDIT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may = request.user.has_perm(VIEW) and request.user.has_perm(self.permission)
        if may and self.draft is None:
            self.refuse(Refusal("Nothing is being drafted. Draft a change first."))
            return HttpResponseRedirect(self.back)
        return super().dispatch(request, *args, **kwargs)

    @property
    def mapping(self) -> DealMapping:
        """The draft: `dispatch` has seen that there is one."""
        if self.draft is None:
            raise Http404
        return self.draft

    @cached_property
    def token(self) -> str:
        return mapping_token(self.mapping)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "mapping": self.mapping}


class SeenForm(forms.Form):
    """`seen` is the draft as the form showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class DraftedForm(DraftedPage, FormPage[FormOf]):
    """A form about the draft; afterwards the reader is back on it."""

    def done(self, message: str) -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(self.back)


class DraftedAsk(DraftedPage, AskPage):
    """A page that asks before something of the draft goes."""

    template_name = "desk/crm/mapping/ask.html"
    form_class = SeenForm
    danger: ClassVar[bool] = True

    def form(self, *, data: Any = None) -> forms.Form:
        return self.form_class(data, initial={"seen": self.token})
