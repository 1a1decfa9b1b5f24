"""The folder that carries nudges: who takes a message finds the whole of it, however many put and take at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

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


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: Any) -> None:
    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:5])
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ChannelError):
        channel(tmp_path)._put("celery", {"number": 1})
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_read_stops_nobody(tmp_path: Path) -> None:
    """As a machine that lost its power may leave it: the name is there, and nothing in it."""
    there = channel(tmp_path)
    (tmp_path / "0_a.celery.msg").touch()
    there._put("celery", {"number": 1})
    assert there._get("celery") == {"number": 1}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("left", [b"", b'[["celery", "", "cel', b'[["", "", "a"]]]'])
def test_a_list_of_queues_that_was_left_half_written_is_written_anew(tmp_path: Path, left: bytes) -> None:
    there = channel(tmp_path)
    (tmp_path / "celery.exchange").write_bytes(left)
    assert there.get_table("celery") == []
    there._queue_bind("celery", "celery", "", "celery")
    assert [tuple(one) for one in there.get_table("celery")] == [("celery", "", "celery")]


def test_a_list_of_queues_is_never_seen_half_written(tmp_path: Path, monkeypatch: Any) -> None:
    there, seen = channel(tmp_path), []
    there._queue_bind("celery", "a", "", "a")
    write = Path.write_bytes

    def slowly(self: Path, data: bytes) -> int:
        write(self, data[: len(data) // 2])
        seen.append(len(there.get_table("celery")))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    there._queue_bind("celery", "b", "", "b")
    there._delete("a", "celery", "a", "")
    assert (seen, [one.queue for one in there.get_table("celery")]) == ([1, 2], ["b"])


def test_many_who_take_have_each_message_once(tmp_path: Path) -> None:
    _put(channel(tmp_path), 0)
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(_take_all, [channel(tmp_path) for _ in range(4)]))
    assert sorted(number for numbers in taken for number in numbers) == list(range(MESSAGES))


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


def _take_all(there: Any) -> list[int]:
    taken = []
    with suppress(Empty):
        while True:
            taken.append(there._get("celery")["number"])
    return taken


def _put(there: Any, first: int) -> None:
    for number in range(first, first + MESSAGES):
        there._put("celery", {"number": number})
