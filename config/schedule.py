"""What the beat asks for, and when (docs/adr/0005).

Each is a nudge that expires: while no worker lives they don't pile up, and the rows wait.
"""

from collections.abc import Mapping
from typing import Any

from celery.schedules import crontab

SCHEDULE: Mapping[str, Mapping[str, Any]] = {
    "deliver": {"task": "journal.deliver", "schedule": 1.0, "options": {"expires": 5}},
    "take_arrivals": {"task": "journal.take_arrivals", "schedule": 1.0, "options": {"expires": 5}},
    "empty_bodies": {"task": "journal.empty_bodies", "schedule": crontab(minute="55"), "options": {"expires": 3000}},
    "deliver_webhooks": {"task": "journal.deliver_webhooks", "schedule": 1.0, "options": {"expires": 5}},
    "clear_webhooks": {
        "task": "journal.clear_webhooks",
        "schedule": crontab(minute="50"),
        "options": {"expires": 3000},
    },
    "sweep": {"task": "entitlements.sweep", "schedule": 5.0, "options": {"expires": 15}},
    "renewals": {"task": "entitlements.renewals", "schedule": 120.0, "options": {"expires": 110}},
    # Each hour of the night, so that one missed is made up for; it is proved once all the same.
    "prove_renewals": {
        "task": "entitlements.prove_renewals",
        "schedule": crontab(minute="35", hour="1-5"),
        "options": {"expires": 3000},
    },
    "work": {"task": "journal.work", "schedule": 1.0, "options": {"expires": 5}},
    "alerts": {"task": "support.alerts", "schedule": 5.0, "options": {"expires": 15}},
    "better_tiers": {"task": "support.better_tiers", "schedule": 60.0, "options": {"expires": 50}},
    # Each day, and some hours of it, so that one missed is made up for; planned again, nothing is written.
    "visits": {"task": "support.visits", "schedule": crontab(minute="25", hour="0-5"), "options": {"expires": 3000}},
    "late_answers": {"task": "support.late_answers", "schedule": 10.0, "options": {"expires": 30}},
    # Some hours of each night, so that one missed is made up for; asked for once, and taught as soon as it is asked for.
    "teach": {"task": "support.teach", "schedule": crontab(minute="35", hour="1-4"), "options": {"expires": 3000}},
    "teach_asked": {"task": "support.teach_asked", "schedule": 5.0, "options": {"expires": 15}},
    "forget_tickets": {
        "task": "support.forget_tickets",
        "schedule": crontab(minute="45"),
        "options": {"expires": 3000},
    },
    "tell_of_use": {"task": "entitlements.tell_of_use", "schedule": 10.0, "options": {"expires": 30}},
    # Each counter is looked at once an hour at most; short runs, so that deliveries get their turn.
    "forecast": {"task": "entitlements.forecast", "schedule": 120.0, "options": {"expires": 110}},
    "expire_holds": {"task": "entitlements.expire_holds", "schedule": 10.0, "options": {"expires": 30}},
    # Each hour, a batch at a time: what a day leaves to clear away is gone before the next.
    "clear_runtime": {
        "task": "entitlements.clear_runtime",
        "schedule": crontab(minute="40"),
        "options": {"expires": 3000},
    },
    "fetch_missed": {
        "task": "entitlements.fetch_missed",
        "schedule": crontab(minute="3,18,33,48"),
        "options": {"expires": 800},
    },
    # Some hours of each night, so that one missed is made up for; what is stored already is left as it is.
    "fetch_all_missed": {
        "task": "entitlements.fetch_missed",
        "schedule": crontab(minute="20", hour="1-3"),
        "kwargs": {"whole": True},
        "options": {"expires": 3000},
    },
    # Soon after a feature is linked; and each night all, in case that was missed.
    "follow_names": {"task": "entitlements.follow_names", "schedule": 120.0, "options": {"expires": 110}},
    "follow_all_names": {
        "task": "entitlements.follow_names",
        "schedule": crontab(minute="13", hour="1-3"),
        "kwargs": {"whole": True},
        "options": {"expires": 3000},
    },
    # Once a night, however often it is asked; so that a night is missed only if all of it is.
    "compare_billed": {
        "task": "entitlements.compare_billed",
        "schedule": crontab(minute="50", hour="1-4"),
        "options": {"expires": 3000},
    },
    # A run every five minutes of the night, each going on where the last one ended; who was looked at is left.
    "look_at_features": {
        "task": "entitlements.look_at_features",
        "schedule": crontab(minute="*/5", hour="1-5"),
        "options": {"expires": 290},
    },
    "report_overage": {"task": "entitlements.report_overage", "schedule": 120.0, "options": {"expires": 110}},
    "report_all_overage": {
        "task": "entitlements.report_overage",
        "schedule": crontab(minute="28", hour="1-3"),
        "kwargs": {"whole": True},
        "options": {"expires": 3000},
    },
    "push_catalog": {
        "task": "entitlements.push_catalog",
        "schedule": crontab(minute="15"),
        "options": {"expires": 3000},
    },
    "move": {"task": "desk.move", "schedule": 2.0, "options": {"expires": 10}},
    "crm_behind": {"task": "desk.tell_behind", "schedule": 60.0, "options": {"expires": 50}},
    # A portion at a time, so that what a CRM tells comes first: what holds something each hour, and all of it each night.
    "look_anew": {"task": "desk.look_anew", "schedule": crontab(minute="*/10"), "options": {"expires": 500}},
    "look_anew_nightly": {
        "task": "desk.look_anew",
        "schedule": crontab(minute="*/3", hour="1-5"),
        "kwargs": {"nightly": True},
        "options": {"expires": 170},
    },
    "seal": {"task": "journal.seal", "schedule": crontab(), "options": {"expires": 50}},
    "remind": {"task": "journal.remind", "schedule": crontab(minute=10), "options": {"expires": 3000}},
    # Each hour of Monday, so that one missed is made up for; everybody is told once a week all the same.
    "digest": {
        "task": "entitlements.digest",
        "schedule": crontab(minute="0", hour="6-23", day_of_week="mon"),
        "options": {"expires": 3000},
    },
}
