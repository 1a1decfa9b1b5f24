"""A real Chromium on the desk, served on a free port of this machine."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from journal.models import Staff

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 120_000  # milliseconds; on a busy machine a page comes late, which is no fault of the page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and not os.environ.get("CI"):
        pytest.skip("There is no Chromium on this machine; `make browser` installs one.")
    # Playwright keeps an event loop in this thread; Django would take that for asynchronous code and refuse.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def signed_in(chromium: Browser, live_server: Any) -> Iterator[Any]:
    """`signed_in("sales", width=390)`: a page of that role's own browser, with what went wrong noted on it."""
    contexts: list[BrowserContext] = []

    def open_page(role: str, *, width: int = 1280, dark: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", base_url=live_server.url
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "sessionid", "value": session_of(role), "url": live_server.url}])
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.faults.append(str(error)))  # type: ignore[attr-defined]
        page.on("request", lambda request: _note_remote(page, request.url, live_server.url))
        return page

    yield open_page
    for context in contexts:
        context.close()


def _note_remote(page: Any, url: str, base: str) -> None:
    if not url.startswith((base, "data:", "blob:")):
        page.faults.append(f"asked another server: {url}")


def session_of(role: str) -> str:
    """A session for a member of staff of the role, made without the sign-in form."""
    member, _created = Staff.objects.get_or_create(
        username=role, defaults={"email": f"{role}@desk.example", "is_staff": True, "first_name": role.capitalize()}
    )
    member.groups.set(Group.objects.filter(name=role))
    client = Client()
    client.force_login(member)
    return client.cookies["sessionid"].value


def as_colleague(page: Any) -> Any:
    """The same browser, with another member of finance signed in."""
    other = Staff.objects.create_user("finance2", email="f2@desk.example", is_staff=True)
    other.groups.set(Group.objects.filter(name="finance"))
    client = Client()
    client.force_login(other)
    cookie = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    page.context.add_cookies([{**cookie, "value": client.cookies["sessionid"].value}])
    return page
