"""People are told things once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from journal.actions.outbound import EMAIL, promise
from journal.models import Notice


@transaction.atomic
def tell(
    *, recipient: str, subject: str, body: str, once_key: str, kind: str, at: datetime, account_key: str = ""
) -> Notice | None:
    """Told someone something, or None if they were told already: the notice and its e-mail are one transaction."""
    if Notice.objects.filter(once_key=once_key).exists():
        return None
    subject = " ".join(subject.split())[:300]  # a line break in a subject would forge e-mail headers
    notice = Notice(
        once_key=once_key,
        kind=kind,
        recipient=recipient,
        subject=subject,
        body=body,
        account_key=account_key,
        created_at=at,
    )
    try:
        with transaction.atomic():
            notice.save(force_insert=True)
    except IntegrityError:
        if Notice.objects.filter(once_key=once_key).exists():
            return None
        raise
    promise(
        kind=EMAIL,
        destination=recipient,
        account_key=account_key,
        payload={"subject": subject, "body": body},
        once_key=f"notice:{once_key}",
        at=at,
    )
    return notice
