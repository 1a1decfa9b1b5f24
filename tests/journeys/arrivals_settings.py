"""A desk that is connected with the pretended system."""

from tests.journeys.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.fakes.console_app.ConsoleApp"]  # noqa: F405
