"""Sealing the audit."""

import logging
from datetime import datetime

from django.db import transaction

from journal.models import AuditHead, AuditSeal
from journal.queries.audit import signature_of

logger = logging.getLogger("journal.seal")


@transaction.atomic
def seal(*, at: datetime) -> AuditSeal | None:
    """Signed what was recorded since the last seal; None when there is nothing new.

    The seal also goes to the log, which leaves the machine: whoever cuts the end off the audit and the seals
    with it is found by the log (`verify_audit --sealed`).
    """
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    last = AuditSeal.objects.order_by("-seq_to").first()
    before = last.seq_to if last else 0
    if head is None or head.last_seq <= before:
        return None
    made = AuditSeal(
        seq_to=head.last_seq,
        digest=head.last_digest,
        count=head.last_seq - before,
        sealed_at=at,
        previous_signature=last.signature if last else "",
    )
    made.signature = signature_of(
        seq_to=made.seq_to, digest=made.digest, count=made.count, sealed_at=at, previous=made.previous_signature
    )
    made.save(force_insert=True)
    transaction.on_commit(lambda: logger.info("sealed %s:%s signature %s", made.seq_to, made.digest, made.signature))
    return made
