"""People are told things once."""

from datetime import datetime

from django.db import IntegrityError, transaction

from journal.actions.outbound import EMAIL, SEALED, promise
from journal.domain.veiled import veiled
from journal.models import Notice
from journal.vault import seal


@transaction.atomic
def tell(
    *,
    recipient: str,
    subject: str,
    body: str,
    once_key: str,
    kind: str,
    at: datetime,
    account_key: str = "",
    secret: str = "",
) -> Notice | None:
    """Told someone something, or None if they were told already: the notice and its e-mail are one transaction.

    A `secret` stands in the e-mail where the body has `{secret}`: sealed until it goes out, and kept nowhere after that.
    """
    if Notice.objects.filter(once_key=once_key).exists():
        return None
    subject = " ".join(subject.split())[:300]  # a line break in a subject would forge e-mail headers
    notice = Notice(
        once_key=once_key,
        kind=kind,
        recipient=recipient,
        subject=subject,
        body=veiled(body) if secret else body,
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
        payload={"subject": subject, "body": body} | ({SEALED: seal(secret)} if secret else {}),
        once_key=f"notice:{once_key}",
        at=at,
    )
    return notice
