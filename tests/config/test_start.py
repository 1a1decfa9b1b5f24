"""What a start of the desk takes along: the clients of the CRMs only where one is asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["hubspot", "simple_salesforce", "zeep"]
ASKED = f"import json, sys; print(json.dumps([one for one in {HEAVY} if one in sys.modules]))"


@pytest.mark.parametrize("begins", ["import config.asgi", "import config.celery, django; django.setup()"])
def test_neither_the_web_nor_a_worker_takes_the_clients_of_crms_along(begins: str) -> None:
    there = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    urls = "from django.urls import get_resolver; get_resolver().url_patterns"
    command = [sys.executable, "-c", f"{begins}\n{urls}\n{ASKED}"]
    said = subprocess.run(command, cwd=ROOT, env=there, capture_output=True, text=True, timeout=60, check=True).stdout
    assert json.loads(said) == []
