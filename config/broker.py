"""The folder that carries nudges where there is no broker: a file appears in it whole, or not at all.

The library writes into files that others see already: a worker that takes a message half-written ends by it, and a list
of queues that a full disk or a killed process left empty stops everybody from then on. What can't be read is passed
over, as a nudge comes again.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps, loads

LOGGER = logging.getLogger("config.broker")


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its bases disagree
        name = f"{round(monotonic() * 1000)}_{uuid4()}"
        _write(Path(self.data_folder_out) / f"{name}.{queue}.msg", payload)

    def _get(self, queue: str, timeout: Any = None) -> Any:
        """The oldest, renamed where it stands: of several who take it one has it, whatever disk it is on."""
        for path in sorted(Path(self.data_folder_in).glob("*.msg")):
            if path.name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = path.with_suffix(".taken")
            with suppress(FileNotFoundError):
                path.rename(taken)
                try:
                    return loads(taken.read_bytes().decode())
                except ValueError:
                    LOGGER.warning("A nudge that can't be read was passed over: %s", path.name)
                finally:
                    taken.unlink()
        raise Empty

    def get_table(self, exchange: str) -> list[Any]:
        try:
            return super().get_table(exchange)
        except (TypeError, ValueError):
            return []  # whoever takes from a queue of it says so again when it begins

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        row = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._alone():
            table = self.get_table(exchange)
            if row not in table:
                _write(self._file(exchange), [row, *table])

    def _delete(self, queue: str, exchange: str, routing_key: str, pattern: str, *args: Any, **kwargs: Any) -> None:
        row = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._purge(queue)
        with self._alone():
            table = self.get_table(exchange)
            if row in table:
                _write(self._file(exchange), [one for one in table if one != row])

    def _file(self, exchange: str) -> Path:
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # the library's types are older
        return file

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time changes which queues there are."""
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):
    Channel = Channel


def _write(path: Path, told: Any) -> None:
    """The file with all that is told; where there is no room for it, none and nothing left of it."""
    draft = path.with_name(f"{uuid4()}.draft")
    try:
        draft.write_bytes(dumps(told).encode())
        draft.replace(path)
    except OSError as error:
        raise ChannelError(f"Can't write {path}") from error
    finally:
        draft.unlink(missing_ok=True)
