"""What the buttons of an import's page do: write it, check it again, discard it, undo it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from catalog.actions.import_jobs import conclude
from catalog.actions.imports import apply, check, discard, undo
from catalog.admin.imports.one import ImportingPage, import_url
from journal.domain.refusal import Refusal


class ImportStep(ImportingPage):
    """What a button of the import's page does. There is nothing to see here."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *, run_id: int, step: str) -> HttpResponse:
        try:
            self._take(step)
        except Refusal as refusal:
            self.refuse(refusal)
        return HttpResponseRedirect(import_url(self.run))

    def _take(self, step: str) -> None:
        told: dict[str, Any] = {"run": self.run, "by": self.by, "at": self.at}
        match step:
            case "apply":
                apply(whole=self.request.POST.get("whole") != "no", **told)
            case "check":
                check(mapping=self.run.mapping, **told)
                self.tell(f"Every row was checked again, against {self.table.where} as it stands now.")
            case "discard":
                discard(**told)
            case "undo":
                undo(**told)
            case "conclude":
                conclude(**told)
            case _:
                raise Http404
