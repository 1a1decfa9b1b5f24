"""Figures for whoever watches the desk, as text that Prometheus reads; told to nobody who hasn't the token."""

from collections.abc import Iterable, Iterator
from itertools import chain
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import now

from desk.queries.crm.figures import crm_figures
from entitlements.queries.billed.figures import Figure, billing_figures

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def metrics(request: HttpRequest) -> HttpResponse:
    """404 without the token of DESK_METRICS_TOKEN, and where none is set."""
    token, said = settings.DESK_METRICS_TOKEN, request.headers.get("authorization", "")
    if not token or not compare_digest(said.encode(), f"Bearer {token}".encode()):
        raise Http404
    at = now()
    return HttpResponse("".join(written(chain(billing_figures(at=at), crm_figures(at=at)))), content_type=TEXT)


def written(figures: Iterable[Figure]) -> Iterator[str]:
    """All of one name together, with what it is before them."""
    by_name: dict[str, list[Figure]] = {}
    for figure in figures:
        by_name.setdefault(figure.name, []).append(figure)
    for name, alike in by_name.items():
        yield f"# HELP {name} {alike[0].words}\n# TYPE {name} gauge\n"
        yield from (f"{name}{_labels(figure)} {figure.value:.10g}\n" for figure in alike)


def _labels(figure: Figure) -> str:
    return "{" + ",".join(f'{name}="{_quoted(told)}"' for name, told in figure.labels.items()) + "}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
