"""Whether the audit is whole, and what it speaks of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

from journal.domain.chain import Break, BreakKind, Link, Mark, breaks
from journal.domain.entry import SEALED, spell
from journal.models import AuditEvent, AuditHead, AuditSeal

SALT = "journal.seal"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written, named by the number of the event it begins at."""

    seq: int
    words: str

    def __str__(self) -> str:
        return self.words


def verify(*, known_seal: Mark | None = None) -> list[Finding]:
    """Walk the whole audit and say what was altered, removed, swapped or put in; an empty list means nothing was.

    `known_seal` is a seal remembered elsewhere (the log): with it even a tail cut off together with its seals is found.
    The rows are streamed, so this takes time but no memory.
    """
    findings, marks = _seals()
    head = AuditHead.objects.filter(pk=1).first()
    if head is not None and head.last_seq:
        marks.append(Mark(head.last_seq, head.last_digest))
    if known_seal is not None:
        marks.append(known_seal)
    last = [0]
    marks.sort(key=lambda mark: mark.seq)
    findings += [Finding(found.seq, str(found)) for found in breaks(_links(last), marks=marks)]
    # Asked again after the walk: honest events written meanwhile have moved the head, forged ones have not.
    if last[0] > (AuditHead.objects.filter(pk=1).values_list("last_seq", flat=True).first() or 0):
        findings.append(Finding(last[0], str(Break(last[0], BreakKind.SWAPPED))))
    return sorted(findings, key=lambda finding: finding.seq)


def signature_of(*, seq_to: int, digest: str, count: int, sealed_at: datetime, previous: str, secret: str = "") -> str:
    """The seal's signature under a key derived from the installation's secret."""
    instant = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    words = "\n".join([str(seq_to), digest, str(count), instant, previous])
    return salted_hmac(SALT, words, secret=secret or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def verbs_in_use() -> list[str]:
    """Every verb that occurs, by hopping along its index instead of reading the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE hop(verb) AS (SELECT MIN(verb) FROM journal_auditevent UNION ALL "
            "SELECT (SELECT MIN(e.verb) FROM journal_auditevent e WHERE e.verb > hop.verb) FROM hop "
            "WHERE hop.verb IS NOT NULL) SELECT verb FROM hop WHERE verb IS NOT NULL"
        )
        return [verb for (verb,) in cursor.fetchall()]


def _links(last: list[int]) -> Iterator[Link]:
    rows = AuditEvent.objects.order_by("seq").values_list(*SEALED, "previous_digest", "digest")
    for row in rows.iterator(chunk_size=2000):
        fields = spell(dict(zip(SEALED, row[:-2], strict=True)))
        seq: int = row[1]
        last[0] = max(last[0], seq)
        yield Link(seq=seq, fields=fields, previous_digest=row[-2], digest=row[-1])


def _seals() -> tuple[list[Finding], list[Mark]]:
    """Findings about the seals themselves, and what the sound ones vouch for."""
    findings, marks = [], []
    before, signature = 0, ""
    for seal in AuditSeal.objects.order_by("seq_to"):
        if not _is_signed(seal):
            findings.append(Finding(seal.seq_to, f"Seal up to event {seal.seq_to}: was altered, its signature fails."))
        elif seal.previous_signature != signature or seal.count != seal.seq_to - before:
            findings.append(Finding(seal.seq_to, f"Seal up to event {seal.seq_to}: the seal before it was removed."))
        else:
            marks.append(Mark(seal.seq_to, seal.digest))
        before, signature = seal.seq_to, seal.signature
    return findings, marks


def _is_signed(seal: AuditSeal) -> bool:
    """Signed under the secret of today, or under one that was retired but is still known."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        expected = signature_of(
            seq_to=seal.seq_to,
            digest=seal.digest,
            count=seal.count,
            sealed_at=seal.sealed_at,
            previous=seal.previous_signature,
            secret=str(secret),
        )
        if constant_time_compare(seal.signature, expected):
            return True
    return False
