"""The folder that carries nudges where there is no broker: a message appears in it whole, or not at all.

The library writes into a file that others see already, and a worker that takes one half-written ends by it.
"""

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its bases disagree
        folder, name = Path(self.data_folder_out), f"{round(monotonic() * 1000)}_{uuid4()}"
        draft = folder / f"{name}.draft"
        draft.write_bytes(dumps(payload).encode())
        draft.replace(folder / f"{name}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel
