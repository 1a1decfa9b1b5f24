"""Every address × every role, in one table (tests/permissions.py); an address without a row fails the build."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.roles import ROLES
from journal.models import Staff
from tests.permissions import API, PAGES, PUBLIC, Page, arguments

Named = tuple[str, URLPattern]
OPEN = {200, 302, 400, 405}
CLOSED = {403, 404}


def addresses(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The full name of every address the desk answers."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from addresses(pattern, inner)
        else:
            yield ":".join((*namespaces, pattern.name or str(pattern.pattern)))


EVERY = sorted(set(addresses(get_resolver())))


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    known = PAGES.keys() | API.keys() | PUBLIC
    assert set(EVERY) - known == set(), "addresses without a row in tests/permissions.py"
    assert known - set(EVERY) == set(), "rows without an address"


@pytest.fixture
def world(db: None) -> dict[str, object]:
    return arguments()


@pytest.fixture
def staff(request: pytest.FixtureRequest, world: dict[str, object]) -> Staff:
    member = Staff.objects.create(username=request.param, email=f"{request.param}@desk.example", is_staff=True)
    member.groups.set(Group.objects.filter(name=request.param))
    return member


@pytest.mark.parametrize("staff", [*ROLES, "nobody"], indirect=True)
def test_a_page_opens_for_its_roles_and_for_nobody_else(staff: Staff, world: dict[str, object]) -> None:
    client = Client()
    client.force_login(staff)
    wrong = []
    for name, page in PAGES.items():
        status = client.get(url_of(name, page, world)).status_code
        may = staff.username in page.roles
        if status not in (OPEN if may else CLOSED):
            wrong.append(f"{name}: {status}, {'should open' if may else 'should be closed'}")
    assert not wrong, f"as {staff.username}: " + "; ".join(wrong)


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_sign_in(world: dict[str, object]) -> None:
    for name, page in PAGES.items():
        response = Client().get(url_of(name, page, world))
        assert response.status_code in {302, 403, 404}, name
        if response.status_code == 302:
            assert "login" in response.headers["Location"], name


@pytest.mark.django_db
def test_the_api_asks_for_a_key(world: dict[str, object]) -> None:
    for name, page in API.items():
        response = Client().get(url_of(name, page, world))
        if response.status_code == 405:  # it is only written to
            response = Client().generic(response.headers["Allow"].partition(",")[0], url_of(name, page, world))
        assert response.status_code == 401, name
        assert response.headers["Content-Type"].startswith("application/problem+json"), name


def url_of(name: str, page: Page, world: dict[str, object]) -> str:
    return reverse(name, args=[world[argument] for argument in page.arguments])
