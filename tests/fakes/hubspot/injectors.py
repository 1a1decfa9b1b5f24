"""Faults on order: refusals, too many requests, a gateway's page, silence after the write, a cut line, half a batch."""

import random
import time

from tests.fakes.faults import Fault
from tests.fakes.hubspot.errors import Refused, missing_scopes, rate_limited, unauthenticated
from tests.fakes.serving import ConnectionCut

KINDS = {"401", "403", "429", "500", "502", "503", "500_after", "502_after", "timeout", "reset", "slow", "207"}
AFTER = {"500_after", "502_after", "timeout", "207"}  # the request is carried out first
HTML = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
WORDS = {"500": "500 Internal Server Error", "502": "502 Bad Gateway", "503": "503 Service Temporarily Unavailable"}


def gateway(kind: str) -> Refused:
    """HubSpot's own 500 is JSON, but what stands before it speaks HTML: the worse of both is given."""
    words = WORDS[kind.removesuffix("_after")]
    return Refused(words, status=int(words[:3]), html=HTML.format(words))


def before(fault: Fault | None, request: str, scopes: list[str]) -> None:
    """What keeps the request from being carried out at all."""
    if fault is None or fault.kind in AFTER:
        return
    match fault.kind:
        case "reset":
            raise ConnectionCut
        case "slow":
            time.sleep(fault.seconds)
        case "401":
            raise unauthenticated()
        case "403":
            raise missing_scopes(fault.more.get("scopes") or scopes)
        case "429":
            raise rate_limited(fault.more.get("policy", "TEN_SECONDLY_ROLLING"), request, fault.more.get("retry_after"))
        case _:
            raise gateway(fault.kind)


def after(fault: Fault | None) -> None:
    """What keeps the caller from hearing that the request was carried out."""
    if fault is None or fault.kind not in AFTER or fault.kind == "207":
        return
    if fault.kind == "timeout":
        time.sleep(fault.seconds)
        raise ConnectionCut
    raise gateway(fault.kind)


class Spoiler:
    """Draws which items of a batch fail: none, unless a fault was ordered."""

    def __init__(self, fault: Fault | None, drawn: random.Random) -> None:
        self._share = float(fault.more.get("share", 0.5)) if fault and fault.kind == "207" else 0.0
        self._drawn = drawn

    def __call__(self) -> bool:
        return self._share > 0 and self._drawn.random() < self._share
