"""The folder that carries nudges: who takes a message finds the whole of it, however many put and take at once."""

import threading
from pathlib import Path
from queue import Empty
from typing import Any

from kombu import Connection

from config import broker

MESSAGES = 300


def channel(folder: Path) -> Any:
    options = {name: str(folder) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    return Connection(transport=broker.Transport, transport_options=options).channel()


def test_the_desk_carries_nudges_by_it() -> None:
    assert Connection("filesystem://").get_transport_cls() is broker.Transport


def test_what_is_put_is_taken_once_in_order(tmp_path: Path) -> None:
    there = channel(tmp_path)
    for number in range(3):
        there._put("celery", {"number": number})
    assert sorted(there._get("celery")["number"] for _ in range(3)) == [0, 1, 2]
    assert not list(tmp_path.iterdir())


def test_what_is_only_half_written_is_not_there_yet(tmp_path: Path, monkeypatch: Any) -> None:
    there, seen = channel(tmp_path), []
    write = Path.write_bytes

    def slowly(self: Path, data: bytes) -> int:
        write(self, data[: len(data) // 2])
        try:
            seen.append(there._get("celery"))
        except Empty:
            seen.append(None)
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    there._put("celery", {"number": 1})
    assert seen == [None]
    assert there._get("celery") == {"number": 1}


def test_many_put_while_one_takes(tmp_path: Path) -> None:
    putting = [threading.Thread(target=_put, args=(channel(tmp_path), first)) for first in (0, MESSAGES)]
    for thread in putting:
        thread.start()
    taking, taken = channel(tmp_path), []
    while len(taken) < 2 * MESSAGES:
        try:
            taken.append(taking._get("celery")["number"])
        except Empty:
            continue
    assert sorted(taken) == list(range(2 * MESSAGES))
    for thread in putting:
        thread.join()


def _put(there: Any, first: int) -> None:
    for number in range(first, first + MESSAGES):
        there._put("celery", {"number": number})
