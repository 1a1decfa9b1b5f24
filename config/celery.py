"""The Celery application: it keeps time and delivers; what it must do stands in rows."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import worker_process_shutdown
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["filesystem"] = "config.broker:Transport"

app = Celery("desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def _make_broker_folders(sender: Celery, **_: object) -> None:
    for name, folder in sender.conf.broker_transport_options.items():
        if name.endswith("_folder") or name.startswith("data_folder"):
            Path(folder).mkdir(parents=True, exist_ok=True)


@worker_process_shutdown.connect
def _let_takers_end(**_: object) -> None:
    """What is being taken is taken to its end, so that none of it has to wait for its lease to run out."""
    from desk.integrations.crm.running import movers
    from journal.integrations.receiving import takers

    movers.end(seconds=0)
    takers.end(seconds=8)
    movers.end(seconds=4)
