"""Days and times on screens are said in the zone of the person who looks."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


def in_the_readers_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def respond(request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "zone", "UTC")
        with timezone.override(ZoneInfo(zone)):
            return get_response(request)

    return respond
