"""An e-mail server that takes a moment for each message and remembers every one it accepted."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

MOMENT = 0.02


class SlowMail(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            time.sleep(MOMENT)
            with (Path(settings.VAR) / "accepted.log").open("a") as accepted:
                accepted.write(f"{message.to[0]}\n")
                accepted.flush()
                os.fsync(accepted.fileno())
        return len(email_messages)
