"""Where the form “Don’t count this one” of a case's page goes; a refusal shows the page again, as it was filled in."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from journal.admin.base import refusals_shown
from journal.domain.refusal import Refusal
from support.actions.allowances.exempting import PERMISSION, count_case, exempt_case
from support.admin.cases.case_page import CasePage
from support.admin.cases.count_block import CountForm, count_block
from support.admin.cases.pages import case_url


class CountPage(CasePage):
    permission: ClassVar[str] = PERMISSION

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(f"{case_url(self.case)}#counted")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = CountForm(request.POST, prefix="count")
        act = count_case if request.POST.get("act") == "count" else exempt_case
        if form.is_valid():
            try:
                case = act(case=self.case, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
            except Refusal as refusal:
                refusals_shown(form, refusal)
            else:
                done = "counts after all" if case.uncounted_at is None else "isn’t counted"
                self.tell(f"{case.number} {done}.")
                return HttpResponseRedirect(f"{case_url(case)}#counted")
        block = count_block(self.case, at=self.at, zone=self.zone, user=request.user, form=form)
        return self.render_to_response(self.get_context_data(counted=block), status=422)
