"""Where the `type` of a problem document leads: a page a person can read, open to everybody."""

from functools import cache
from http import HTTPStatus
from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from journal.domain.problem_types import ProblemType, parse_problem_types

DOCUMENT = "docs/problems.md"


@cache
def problem_types() -> dict[str, ProblemType]:
    text = (settings.BASE_DIR / DOCUMENT).read_text()
    return {kind.code: kind for kind in parse_problem_types(text)}


def problem_list(request: HttpRequest) -> HttpResponse:
    groups = [(group, list(kinds)) for group, kinds in groupby(problem_types().values(), lambda kind: kind.group)]
    return render(request, "journal/problem_list.html", {"groups": groups})


def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    kind = problem_types().get(code)
    if kind is None:
        raise Http404
    return render(request, "journal/problem.html", {"kind": kind, "phrase": HTTPStatus(kind.status).phrase})
