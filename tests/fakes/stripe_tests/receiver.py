"""Somebody who listens to Stripe's events."""

import json
from contextlib import AbstractContextManager

from tests.fakes import receiver


class Receiver(receiver.Receiver):
    def waited_for(self, kind: str) -> bool:
        """Whether an event of this type came, sooner or later."""
        return self.met(lambda body: json.loads(body)["type"] == kind)


def receiving() -> AbstractContextManager[Receiver]:
    return receiver.listening(Receiver(path="/hooks/stripe?a=b"))
