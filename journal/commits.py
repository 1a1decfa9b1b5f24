"""Who hears of each commit of recorded acts in this process, such as what keeps answers in memory.

Apps register in AppConfig.ready(). A listener reads what changed for itself; it may not fail the act, which is done.
"""

from collections.abc import Callable

from django.db import transaction

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def announce() -> None:
    """Inside a transaction: tell all listeners once when it is committed."""
    waiting = transaction.get_connection().run_on_commit
    if _listeners and not any(act is _tell for _savepoints, act, _robust in waiting):
        transaction.on_commit(_tell, robust=True)


def _tell() -> None:
    for listener in _listeners:
        listener()
