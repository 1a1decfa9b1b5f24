"""docs/clients.md says what is so: its code runs, and its tables name everything there is."""

import json
import re
import types
from dataclasses import fields

import pytest
from django.conf import settings

from entitlement_client import Answer, Client, django
from entitlement_client.licence_file import CODES
from tests.client.fake import KEY, calls, feature
from tests.client.test_licence_file import JWKS, file

GUIDE = (settings.BASE_DIR / "docs" / "clients.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
README = (settings.BASE_DIR / "entitlement_client" / "README.md").read_text()


@pytest.fixture
def names(desk, tmp_path, monkeypatch):
    """What the reader has at hand; the desk of the guide is the fake one, and its folder a folder of ours."""
    desk.sets["acme"] = [feature("exports"), calls(100, feature="api_calls"), calls(9000, feature="tokens")]
    connect = Client.__init__
    made = []

    def connected(self, url, key, **more):
        made.append(self)
        connect(self, desk.url, KEY, **more)

    monkeypatch.setattr(Client, "__init__", connected)
    monkeypatch.chdir(tmp_path)
    yield {"text": file(), "keys": JWKS, "__name__": "guide"}
    for client in made:
        client.close()


def run(names):
    for block in BLOCKS:
        exec(block.replace("/var/lib/shop/", ""), names)


def test_its_code_runs(names, desk, capsys):
    run(names)
    printed = capsys.readouterr().out
    assert "csv for acme" in printed
    assert "True 0" in printed
    assert desk.counted["req-7f3a"]["quantity"] == 5


def test_its_settings_are_those_of_the_middleware(names):
    run(names)
    package, _, middleware = names["MIDDLEWARE"][0].rpartition(".")
    assert getattr(__import__(package, fromlist=["_"]), middleware) is django.EntitlementsMiddleware
    assert set(names["ENTITLEMENTS"]) == {"CHECKER", "ACCOUNT", "TEMPLATE"}


def test_its_tables_name_every_field_and_code():
    named = set(re.findall(r"`(\w+)`", GUIDE))
    told = {one.name for one in fields(Answer)} - {"account", "feature"}
    assert told <= named
    assert set(CODES) <= named


def test_it_names_what_a_client_can_do():
    public = {name for name, one in vars(Client).items() if isinstance(one, types.FunctionType) and name[0] != "_"}
    said = README + GUIDE
    assert not [name for name in public - {"remembered"} if not re.search(rf"\b{name}\b", said)]


def test_the_readme_names_every_module():
    modules = {path.name for path in (settings.BASE_DIR / "entitlement_client").glob("*.py")}
    assert modules - {"__init__.py", "errors.py", "instants.py", "remembering.py"} == set(
        re.findall(r"`(\w+\.py)`", README)
    )
    assert json.dumps(BLOCKS)
