"""The plan sheet in Chromium, 60 features × 8 plans: how long it takes to open, and a key to be answered.

Both are told beside the same table without any script, in turn: what is measured is what being a spreadsheet costs.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

FOLDER = tempfile.mkdtemp(prefix="desk-bench-")
os.environ["DESK_VAR"] = FOLDER
os.environ["DATABASE_URL"] = ""
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DESK_LOG_LEVEL", "ERROR")

import django

django.setup()

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, sync_playwright

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.actions.plans import create_plan
from catalog.models import Feature, FeatureGroup
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Staff
from tests.browser.conftest import QUIET

FEATURES, PLANS, GROUPS = 60, 8, 8
OPENINGS, KEYS = 11, 60
AIM_OPEN, AIM_KEY = 1.0, 0.05  # seconds
GATE_OPEN, GATE_KEY = 6, 6  # times the table without a script
NOW = datetime.now(UTC)

PRESSED = """
() => { window.took = []; addEventListener("keydown", (event) => {
  const start = event.timeStamp;
  requestAnimationFrame(() => { const channel = new MessageChannel();
    channel.port1.onmessage = () => window.took.push(performance.now() - start); channel.port2.postMessage(0); });
}, true); }
"""


def furnish() -> None:
    """Eight drafts in which every one of sixty features, a third each of three kinds, says something."""
    deed = begin(by=SYSTEM, at=NOW)
    groups = [keep(FeatureGroup(key=f"g{n}", name=f"Group {n}", position=n), deed=deed) for n in range(GROUPS)]
    kinds = (
        {"kind": "gate"},
        {"kind": "capacity", "unit": "seat"},
        {"kind": "metered", "unit": "GB", "scale": 10**9, "aggregation": "sum"},
    )
    features = [
        keep(
            Feature(
                key=f"f{n}",
                name=f"Feature number {n}",
                group=groups[n * GROUPS // FEATURES],
                position=n,
                **kinds[n % 3],
            ),
            deed=deed,
        )
        for n in range(FEATURES)
    ]
    said = ("yes", "{n}", "{n} GB a month, then $0.125 per GB")
    for number in range(1, PLANS + 1):
        plan = create_plan(key=f"plan{number}", name=f"Plan {number}", by=SYSTEM, at=NOW)
        draft = open_draft(plan=plan, by=SYSTEM, at=NOW)
        texts = (said[n % 3].format(n=number * (n + 1)) for n in range(FEATURES))
        writes = [CellWrite(draft, feature, text) for feature, text in zip(features, texts, strict=True)]
        write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=SYSTEM, at=NOW)


def session() -> str:
    person = Staff.objects.create_user("bench", email="bench@desk.example", is_staff=True)
    person.groups.add(Group.objects.get(name="finance"))
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


@contextmanager
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = f"-m granian --interface asgi --host 127.0.0.1 --port {port} --workers 1 --log-level error config.asgi:application"
    process = subprocess.Popen([sys.executable, *command.split()])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def timed_opening(page: Page, url: str, *, ready: str) -> float:
    start = time.perf_counter()
    page.goto(url)
    page.locator(ready).first.wait_for()
    return time.perf_counter() - start


def timed_keys(page: Page) -> list[float]:
    """Real keys, from the event to the frame after it: walking, choosing a block, and typing."""
    page.locator("td").nth(20).click()
    page.evaluate(PRESSED)
    for key in ("ArrowDown", "Shift+ArrowRight", "ArrowUp", "ArrowRight", "5", "Escape") * (KEYS // 6):
        page.keyboard.press(key)
        page.wait_for_timeout(20)
    return [took / 1000 for took in page.evaluate("window.took")]


def bare(page: Page, url: str) -> str:
    """The same page without its script, as the server sent it."""
    page.goto(url)
    page.locator("#plan-sheet.is-live").wait_for()
    html = page.request.get(url).text()
    return html.replace('type="module"', 'type="text/plain"')


def measure(browser: Browser, base: str) -> tuple[list[float], list[float], list[float], list[float]]:
    url = base + reverse("admin:catalog_sheet")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": session(), "url": base}])
    page = context.new_page()
    still = bare(page, url)

    def fulfil(route: Route) -> None:
        route.fulfill(body=still, content_type="text/html")

    context.route("**/still", fulfil)
    assert page.locator("tbody td").count() >= FEATURES * PLANS
    opened, plain, keys, plain_keys = [], [], [], []
    for _ in range(OPENINGS):
        plain.append(timed_opening(page, f"{base}/still", ready="table.sheet td"))
        opened.append(timed_opening(page, url, ready="#plan-sheet.is-live"))
    for target, found in ((f"{base}/still", plain_keys), (url, keys)):
        page.goto(target)
        page.wait_for_load_state("networkidle")
        found += timed_keys(page)
    return opened, plain, keys, plain_keys


def say(name: str, measured: list[float], baseline: list[float], *, aim: float, gate: float) -> bool:
    ours, theirs = statistics.median(measured), statistics.median(baseline)
    ratio = ours / theirs
    aimed = "within" if ours <= aim else "BEYOND"
    verdict = "ok" if ratio <= gate else "MISSED"
    print(
        f"{name:<46} {ours * 1e3:9.3f} ms   {ratio:7.2f} × the baseline's {theirs * 1e3:.3f} ms   "
        f"(gate {gate:g} ×)  {verdict}; {aimed} the aim of {aim * 1e3:g} ms"
    )
    return ratio <= gate


def main() -> int:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        print("The plan sheet was not measured: there is no Chromium on this machine; `make browser` installs one.")
        return 0
    try:
        call_command("migrate", verbosity=0)
        furnish()
        with server() as base, sync_playwright() as playwright:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
            browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
            opened, plain, keys, plain_keys = measure(browser, base)
            browser.close()
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    open_ok = say(f"open the sheet, {FEATURES} × {PLANS}", opened, plain, aim=AIM_OPEN, gate=GATE_OPEN)
    key_ok = say("a key in the sheet, until the next frame", keys, plain_keys, aim=AIM_KEY, gate=GATE_KEY)
    return 0 if open_ok and key_ok else 1


if __name__ == "__main__":
    sys.exit(main())
