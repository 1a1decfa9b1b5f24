"""What Django and the router answer by themselves under /api/ is a problem document too (RFC 9457)."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from journal.api.problems import MEDIA_TYPE, problem

DETAILS: dict[int, tuple[str, str]] = {
    HTTPStatus.NOT_FOUND: (
        "not_found",
        "There is nothing at this address. The document at /api/v1/openapi.json lists all.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "This address can't be used in this way; see Allow."),
}


def problems_under_api(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        told = DETAILS.get(response.status_code)
        if not request.path.startswith("/api/") or told is None or response.get("Content-Type") == MEDIA_TYPE:
            return response
        code, detail = told
        title = HTTPStatus(response.status_code).phrase
        answer = problem(response.status_code, code=code, title=title, detail=detail)
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer

    return respond
