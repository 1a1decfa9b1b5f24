"""A real desk for a while: its own folder, and mail that takes its time and is written down."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "tests.journeys.slow_mail.SlowMail"
