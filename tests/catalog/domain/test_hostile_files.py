"""Hostile files: each is refused with a sentence or read right, and none can take the machine with it."""

import io

import pytest

from catalog.domain.files import read_capped, read_file
from catalog.domain.tables import Table, TableRefused
from tests.payloads.hostile import Hostile, every

FILES = every()


def opened(data: bytes) -> Table:
    return read_file(read_capped(io.BytesIO(data)), preferring="Markets")


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.refused])
def test_it_is_refused_with_a_sentence(name: str) -> None:
    file = FILES[name]
    with pytest.raises(TableRefused) as refusal:
        opened(file.build())
    sentence = str(refusal.value)
    assert file.refused in sentence
    assert sentence.endswith((".", "”"))
    assert len(sentence) < 400


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.rows])
def test_it_is_read_right(name: str) -> None:
    file = FILES[name]
    table = opened(file.build())
    assert (table.header, *(line.cells for line in table.lines)) == file.rows
    assert_told(file, table)


def assert_told(file: Hostile, table: Table) -> None:
    told = " ".join([*table.notes, *(problem for line in table.lines for problem in line.problems)])
    assert file.told in told
    assert bool(told) == bool(file.told)


def test_there_are_as_many_as_promised() -> None:
    assert len(FILES) >= 90
