"""The web application, served by granian: hot endpoints are answered here, everything else by Django in its threads."""

import asyncio
import os
import sys

from config.wsgi import application as django  # it sets Django up, so it comes first

# isort: split
from django.db import connection

from config.beside import Beside
from config.bridge import Bridge, Receive, Scope, Send
from entitlements.api.hot.application import Hot
from entitlements.api.hot.gathering import Gatherer
from entitlements.api.hot.warming import Warmer

THREADS = int(os.environ.get("DESK_WEB_THREADS", "4"))  # each keeps a database connection
WAITING = 256  # requests that may wait for a thread of this process; beyond them it says that it is busy
WRITERS = 2 if connection.vendor == "postgresql" else 1  # SQLite has one writer at a time anyway
SWITCH = 0.001  # seconds; the event loop shall not wait long for a thread that calculates

bridge = Bridge(django, threads=THREADS, waiting=WAITING)
gatherer = Gatherer(writers=WRITERS)
warmer = Warmer()
hot = Hot(bridge, gatherer, warmer.want)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await hot(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: Receive, send: Send) -> None:
    """What runs beside the requests, from before the first to after the last."""
    await receive()
    sys.setswitchinterval(SWITCH)
    beside = Beside()
    beside.begin()
    gatherer.begin()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    # Beside the event loop: threads that end still send their answers through it.
    await asyncio.gather(*(asyncio.to_thread(part.end) for part in (gatherer, bridge, warmer)))
    await asyncio.to_thread(beside.end)
    await send({"type": "lifespan.shutdown.complete"})
