"""The line to Salesforce: nothing is waited for without end, and a token goes nowhere but to Salesforce's own names.

Its client speaks https to those names and nothing else; where Salesforce is pretended on this machine, what is said to
any of them is led there.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from desk.integrations.crm.asking import TIME_OUT
from desk.integrations.salesforce.names import WORDS

NAMES = (".salesforce.com", ".salesforce.mil")
SOAP = "/services/Soap/"
BUSY = frozenset({429})
UNREADABLE = f"{WORDS} answers with something that isn’t one of its answers"


class Unanswered(Exception):
    """Nothing that can be read came back, so nobody knows what was done; the words say what came instead."""


class Wire(HTTPAdapter):
    """`base` is where Salesforce is pretended; empty: Salesforce itself."""

    def __init__(self, base: str) -> None:
        super().__init__(pool_maxsize=4)
        self._base = base

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        split = urlsplit(request.url)
        if not (split.hostname or "").endswith(NAMES):
            raise Unanswered(f"{split.hostname} is none of {WORDS}’s names, so nothing was sent there")
        if self._base:
            request.headers["Host"] = split.netloc
            request.url = self._base + request.url.partition(split.netloc)[2]
        options["timeout"] = TIME_OUT
        try:
            answer = super().send(request, *args, **options)
            _ = answer.content  # all of it here, so that one that breaks off is no answer either
        except requests.Timeout:
            raise Unanswered(f"{WORDS} didn’t answer in time") from None
        except requests.RequestException:
            raise Unanswered(f"{WORDS} can’t be reached") from None
        if _is_no_answer(answer):
            raise Unanswered(f"{WORDS} can’t answer (status {answer.status_code})")
        return answer


def session(base: str) -> requests.Session:
    """What the client speaks through."""
    made = requests.Session()
    made.trust_env = not base  # on this machine no proxy stands between
    made.mount("https://", Wire(base))
    made.mount("http://", Wire(base))
    return made


def _is_no_answer(answer: Any) -> bool:
    """A page of some machine on the way, or Salesforce's own trouble; SOAP says with status 500 why nobody gets in."""
    is_soap = SOAP in answer.url and "xml" in answer.headers.get("Content-Type", "")
    return answer.status_code in BUSY or (answer.status_code >= 500 and not is_soap)
