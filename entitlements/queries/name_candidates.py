"""The names that may be meant by one mistyped, as each engine finds them; which of them are near is decided elsewhere.

Of many names a word such as "Traders" is in thousands, so on SQLite the groups of letters that few names have are
asked first, and common ones only while that stays little to read. A PostgreSQL without `pg_trgm` finds the same,
reading every name (entitlements/names_index.py).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from entitlements.domain.nearness import as_typed, letter_groups, with_neighbours_swapped
from entitlements.names_index import TABLE as NAMES
from entitlements.names_index import has_trigrams

MOST_CANDIDATES = 200
MOST_READ, FEWEST_GROUPS = 24_000, 6  # names read for one question, unless so few groups have more
COMMON = 8_000  # counted no further
LEAST_SHARED = 0.3  # of the groups of letters of what was typed; two letters amiss in a word of eight leave as many
LONG, LEAST_SHARED_OF_MUCH = 9, 0.45  # the more was typed, the less of it two letters are

LEAST_SHARED_SWAPPED = 0.7  # three of four, of a word of three letters that begins a longer one
MOST_LOOKED_FOR = 16  # groups, where every name is read


def name_candidates(typed: str) -> list[tuple[int, str]]:
    """The ids and names that share most groups of letters with what was typed."""
    if connection.vendor != "postgresql":
        found = _by_full_text(typed)
    else:
        found = _by_pg_trgm(typed) if has_trigrams(connection) else _by_reading_all(typed)
    return [(int(pk), str(name)) for pk, name in found]


def _by_full_text(typed: str) -> Sequence[Any]:
    groups = ['"{}"'.format(group.replace('"', '""')) for group in letter_groups(typed)]
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT g.value, (SELECT COUNT(*) FROM (SELECT 1 FROM "{NAMES}" WHERE "{NAMES}" MATCH g.value LIMIT %s)) '  # noqa: S608 — our own table
            "FROM json_each(%s) AS g",
            [COMMON, json.dumps(groups)],
        )
        telling = list(_telling(cursor.fetchall()))
        cursor.execute(
            f'SELECT a."id", a."name" FROM (SELECT n.rowid AS pk, COUNT(*) AS shared FROM json_each(%s) AS g '  # noqa: S608 — our own table
            f'CROSS JOIN "{NAMES}" AS n WHERE n."{NAMES}" MATCH g.value GROUP BY n.rowid '
            f'ORDER BY shared DESC, n.rowid LIMIT %s) JOIN "entitlements_account" AS a ON a."id" = pk',
            [json.dumps(telling), MOST_CANDIDATES],
        )
        return cursor.fetchall()


def _telling(counted: Iterable[tuple[str, int]]) -> Iterator[str]:
    """The groups that fewest names have, and so many of the others as may be read besides."""
    read = 0
    for place, (group, count) in enumerate(sorted((each for each in counted if each[1]), key=lambda each: each[1])):
        read += count
        if read > MOST_READ and place >= FEWEST_GROUPS:
            return
        yield group


def _by_pg_trgm(typed: str) -> Sequence[Any]:
    """Short words with two neighbours swapped are looked for as they then are: close by, or all names would be."""
    several = " " in typed  # each spelling is another walk, and of several words enough is left without
    least = LEAST_SHARED if len(typed) <= LONG else LEAST_SHARED_OF_MUCH
    found = _likely(as_typed(typed)[: 1 if several else None], least=least)
    swapped = () if several else with_neighbours_swapped(typed)
    return list(dict.fromkeys([*found, *(_likely(swapped, least=LEAST_SHARED_SWAPPED) if swapped else ())]))


def _likely(asked: Sequence[str], *, least: float) -> Sequence[Any]:
    likely = " OR ".join(['upper("name") %%> %s'] * len(asked))
    nearest = ", ".join(['word_similarity(%s, upper("name"))'] * len(asked))
    spoken = [spelling.upper() for spelling in asked]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {least}")
        cursor.execute(
            f'SELECT "id", "name" FROM "entitlements_account" WHERE {likely} '  # noqa: S608 — only %s of our own
            f'ORDER BY GREATEST({nearest}) DESC, "id" LIMIT %s',
            [*spoken, *spoken, MOST_CANDIDATES],
        )
        return cursor.fetchall()


def _by_reading_all(typed: str) -> Sequence[Any]:
    """Without an index: so many groups of letters, from all over what was typed, in every name there is."""
    groups = letter_groups(typed)
    groups = groups[:: -(-len(groups) // MOST_LOOKED_FOR) or 1]
    if not groups:
        return ()
    shared = " + ".join(["(strpos(spoken, %s) > 0)::int"] * len(groups))
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "id", "name" FROM (SELECT "id", "name", {shared} AS shared FROM ('  # noqa: S608 — only %s of our own
            """SELECT "id", "name", lower(' ' || "name" || ' ') AS spoken FROM "entitlements_account" OFFSET 0) AS said"""
            ') AS counted WHERE shared > 0 ORDER BY shared DESC, "id" LIMIT %s',
            [*groups, MOST_CANDIDATES],
        )
        return cursor.fetchall()
