"""Checking a dispute pack: that it is whole, that the desk made it, and that its acts are those of the desk's audit."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from entitlements.evidence.drawing import VERB, noted
from entitlements.evidence.packing import BrokenPack, unpacked
from journal.domain.chain import canonical, link
from journal.models import AuditEvent, AuditSeal

DIGESTS = ("previous_digest", "digest")


@dataclass(frozen=True, slots=True)
class Checked:
    """`findings` is empty where nothing is wrong; `made` is the act by which the desk drew it up."""

    checksum: str
    events: int
    seals: int
    made: AuditEvent | None
    findings: tuple[str, ...]


def check(data: bytes) -> Checked:
    """Hold a pack against its own list and against this desk; BrokenPack where the file itself isn't whole."""
    files, checksum = unpacked(data)
    try:
        chain = json.loads(files["audit.json"])
        events, seals = list(chain["events"]), list(chain["seals"])
        findings = [*_altered(events), *_unlike_the_desk(events), *_unlike_the_seals(seals)]
        made = _made(str(chain["account"]), checksum)
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenPack("audit.json can't be read.") from error
    if made is None:
        findings.insert(0, "No act of this desk tells of a pack with this sum.")
    return Checked(checksum, len(events), len(seals), made, tuple(findings))


def _made(account_key: str, checksum: str) -> AuditEvent | None:
    acts = AuditEvent.objects.filter(account_key=account_key, verb=VERB).order_by("seq")
    return next((act for act in acts if noted(act).get("checksum") == checksum), None)


def _altered(events: list[Mapping[str, Any]]) -> Iterator[str]:
    for event in events:
        fields = {name: value for name, value in event.items() if name not in DIGESTS}
        if link(event["previous_digest"], canonical(fields)) != event["digest"]:
            yield f"Act #{event['seq']}: its words don't meet its digest."


def _unlike_the_desk(events: list[Mapping[str, Any]]) -> Iterator[str]:
    told = {int(event["seq"]): event["digest"] for event in events}
    known: dict[int, str] = {}
    numbers = sorted(told)
    for start in range(0, len(numbers), 500):
        some = AuditEvent.objects.filter(seq__in=numbers[start : start + 500])
        known.update(some.values_list("seq", "digest"))
    for number, digest in told.items():
        if known.get(number) != digest:
            what = "this desk has no such act" if number not in known else "this desk's audit says something else"
            yield f"Act #{number}: {what}."


def _unlike_the_seals(seals: list[Mapping[str, Any]]) -> Iterator[str]:
    numbers = [int(seal["seq_to"]) for seal in seals]
    known = {seal.seq_to: (seal.digest, seal.signature) for seal in AuditSeal.objects.filter(seq_to__in=numbers)}
    for seal in seals:
        if known.get(int(seal["seq_to"])) != (seal["digest"], seal["signature"]):
            yield f"Seal up to act #{seal['seq_to']}: this desk has another, or none."
