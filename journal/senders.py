"""By what means each kind of message goes out. Apps register theirs in AppConfig.ready()."""

from collections.abc import Callable

from journal.models import Outbound

Send = Callable[[Outbound], None]


class Doubtful(Exception):
    """The line broke in the middle: nobody knows whether the message went out."""


_senders: dict[str, Send] = {}


def register(kind: str, send: Send) -> None:
    _senders[kind] = send


def sender_of(kind: str) -> Send:
    try:
        return _senders[kind]
    except KeyError:
        raise LookupError(f"Nothing is set up to send messages of kind {kind!r}.") from None
