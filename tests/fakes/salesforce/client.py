"""The way in: simple-salesforce speaks https to Salesforce's names; this adapter leads what it says to loopback."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


class ToLoopback(HTTPAdapter):
    """Mounted on `https://`: every name of Salesforce's stands for the counterpart; it still hears which was meant."""

    def __init__(self, base: str, *, timeout: float | None = 10) -> None:
        super().__init__(pool_maxsize=4)
        self._base, self._timeout = base, timeout

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        split = urlsplit(request.url)
        if not (split.hostname or "").endswith(".salesforce.com"):
            raise ValueError(f"{split.hostname} is none of Salesforce's names")
        request.headers["Host"] = split.netloc
        request.url = self._base + request.url.partition(split.netloc)[2]
        if options.get("timeout") is None:
            options["timeout"] = self._timeout
        return super().send(request, *args, **options)


def session(base: str, *, timeout: float | None = 10) -> requests.Session:
    """A session that reaches nothing but the counterpart, without what the environment says of proxies."""
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", ToLoopback(base, timeout=timeout))
    return made
