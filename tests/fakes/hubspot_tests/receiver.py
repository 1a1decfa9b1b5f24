"""Somebody who listens to HubSpot's webhooks: several events in each."""

import json
from contextlib import AbstractContextManager
from typing import Any

from tests.fakes import receiver


class Receiver(receiver.Receiver):
    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in list(self.bodies) for event in json.loads(body)]

    def waited_for(self, kind: str) -> bool:
        """Whether an event of this type came, sooner or later."""
        return self.met(lambda body: any(event["subscriptionType"] == kind for event in json.loads(body)))


def receiving() -> AbstractContextManager[Receiver]:
    return receiver.listening(Receiver(path="/hooks/hubspot?a=b"))
