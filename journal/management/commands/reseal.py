"""Put every secret at rest under the newest key of DESK_VAULT_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from journal.actions.resealing import reseal


class Command(BaseCommand):
    help = (
        "Seals every secret anew with the first of DESK_VAULT_KEYS. To renew the key: put a new one first, restart, "
        "run this, then take the former one away. Ends with 1 where a secret can't be opened by any of them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for place in reseal():
            self.stdout.write(f"{place.name}: {place.done} under the newest key")
            for row in place.unreadable:
                self.stderr.write(f"{place.name}: row {row} can't be opened with any of DESK_VAULT_KEYS")
            unreadable += len(place.unreadable)
        if unreadable:
            raise CommandError(f"{unreadable} secret(s) can't be opened. Put the key they were sealed with back.")
        self.stdout.write("Keys after the first may be taken away now.")
