"""`manage.py load_demo`: a believable desk to try, once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from desk.demo import story
from desk.demo.people import sign_ins
from journal.models import Staff


class Command(BaseCommand):
    help = "Load the demo: the real price page, invented customers in every state, one sign-in per role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=240)
        parser.add_argument("--at", help="The instant it is told for, in ISO 8601; now if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo has known passwords, so it is not loaded where DESK_ENV is production.")
        if Staff.objects.exists():
            self.stdout.write("The demo is there already.")
        else:
            self.stdout.write("Loading the demo …")
            with transaction.atomic():
                story.tell(now=story.moment(options["at"], default=timezone.now()), count=options["customers"])
        self.stdout.write(sign_ins())
