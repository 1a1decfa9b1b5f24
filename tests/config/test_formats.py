"""Times on screens are by the 24-hour clock and name their zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.template import Context, Template
from django.utils import timezone


def test_a_time_in_a_template_names_its_zone() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        said = Template("{{ at }}").render(Context({"at": datetime(2026, 11, 21, 5, 49, tzinfo=UTC)}))
    assert said == "21 Nov 2026 06:49 CET"
