"""The stock OFREP providers of OpenFeature, Python's and JavaScript's, read an account from a real server."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import gettempdir

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import Reason

from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, FeatureFactory, PlanVersionFactory, RolesFactory, TierFactory, publish_now
from tests.entitlements.api.runtime.asking import key
from tests.entitlements.using import customer, metered
from tests.entitlements.world import term

pytestmark = pytest.mark.django_db(transaction=True)
JAVASCRIPT = Path(__file__).with_name("openfeature.mjs")
PACKAGES = ("@openfeature/server-sdk@1.23.0", "@openfeature/ofrep-provider@0.1.3", "@openfeature/ofrep-core@0.1.4")


@pytest.fixture
def desk(live_server):
    """Acme has a gate, 1,000 calls, a tier and a set of roles; the address and a key to read it with."""
    world = metered()
    audit, tier, roles = FeatureFactory(key="audit"), TierFactory(key="tier"), RolesFactory(key="roles")
    draft = PlanVersionFactory(plan=world.plan, number=2)
    some = frozenset(choice.key for choice in roles.shape.choices[:2])
    for feature, value in {audit: True, tier: "smart", roles: some, world.calls: 1000}.items():
        keep(term(draft, feature, value), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    customer(world)
    return live_server.url, key(), sorted(some)


def test_python_reads_booleans_numbers_strings_and_objects(desk, request):
    address, plain, roles = desk
    provider = OFREPProvider(address, headers_factory=lambda: {"Authorization": f"Bearer {plain}"})
    request.addfinalizer(provider.session.close)
    api.set_provider(provider)
    client, acme = api.get_client(), EvaluationContext("acme")
    assert client.get_boolean_value("audit", False, acme) is True
    assert client.get_boolean_value("sso", True, acme) is False
    assert client.get_string_value("tier", "none", acme) == "smart"
    assert client.get_object_value("roles", {}, acme) == {"choices": roles}
    details = client.get_integer_details("calls", 0, acme)
    assert (details.value, details.reason) == (1000, Reason.TARGETING_MATCH)
    assert details.flag_metadata["left"] == 1000
    assert client.get_integer_value("nothing", 7, acme) == 7
    assert client.get_boolean_details("audit", False, EvaluationContext("nobody")).error_code == "INVALID_CONTEXT"


@cache
def installed() -> Path | None:
    """A folder with the JavaScript SDK in it, kept between runs; None where npm can't get it."""
    folder = Path(gettempdir()) / "desk-openfeature"
    if not (folder / "node_modules" / "@openfeature" / "ofrep-provider").exists():
        folder.mkdir(exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        if subprocess.run(install, cwd=folder, capture_output=True, timeout=120, check=False).returncode:
            return None
    return folder


def test_javascript_reads_booleans_numbers_strings_and_objects(desk):
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("There is no node and npm on this machine, so that the JavaScript provider was not tried.")
    folder = installed()
    if folder is None:
        pytest.skip("npm could not install the OpenFeature SDK, so that the JavaScript provider was not tried.")
    address, plain, roles = desk
    script = folder / JAVASCRIPT.name
    shutil.copy(JAVASCRIPT, script)
    ran = subprocess.run(["node", script, address, plain], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["audit"] is True
    assert (told["tier"], told["roles"], told["nothing"]) == ("smart", {"choices": roles}, 7)
    assert (told["calls"]["value"], told["calls"]["reason"]) == (1000, "TARGETING_MATCH")
    assert told["calls"]["flagMetadata"]["limit"] == 1000
    assert told["nobody"] == "INVALID_CONTEXT"
