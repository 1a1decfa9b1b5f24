"""The demo's staff: one sign-in per role, and a few account managers."""

from datetime import datetime

from journal.actions.staff import create_staff
from journal.domain.actor import SYSTEM
from journal.models import Staff

PASSWORD = "try-the-desk-2026"  # noqa: S105 — a demo on one's own machine; refused in production

PEOPLE = (
    ("finance", "Fiona", "Brandt", "finance", "Europe/Berlin"),
    ("finance2", "Felix", "Moreau", "finance", "Europe/Paris"),
    ("sales", "Sanne", "de Vries", "sales", "Europe/Amsterdam"),
    ("sales2", "Samuel", "Okafor", "sales", "America/New_York"),
    ("support", "Suki", "Tanaka", "support", "Asia/Tokyo"),
    ("auditor", "Ada", "Lindqvist", "auditor", "Europe/Stockholm"),
    ("administrator", "Amir", "Haddad", "administrator", "UTC"),
)


def add_staff(*, at: datetime) -> dict[str, Staff]:
    """One person per role, and a second one where four eyes are needed."""
    return {
        username: create_staff(
            username=username,
            email=f"{username}@desk.example",
            first_name=first,
            last_name=last,
            zone=zone,
            roles=[role],
            password=PASSWORD,
            by=SYSTEM,
            at=at,
        )
        for username, first, last, role, zone in PEOPLE
    }


def sign_ins() -> str:
    """What to type, for whoever has just started the demo."""
    lines = [f"  {username:<14} {PASSWORD}   {first} {last}, {role}" for username, first, last, role, _ in PEOPLE]
    return "\n".join(["Sign in as one of these (user name, password):", *lines])
