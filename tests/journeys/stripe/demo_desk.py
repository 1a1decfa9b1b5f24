"""The desk as `make run STRIPE=demo` starts it, and a newcomer who has a browser and no key of anybody's."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests

from config.embedded import free_port
from tests.journeys.desk import ROOT, Desk, desk_in, migrated_desk_in, until

PATIENCE = 400.0  # seconds; on a busy machine a process starts late


@dataclass
class Demo:
    desk: Desk
    token: str
    port: int = field(default_factory=free_port)
    shop_port: int = field(default_factory=free_port)

    @contextmanager
    def running(self) -> Iterator[None]:
        """From when the shop sells to when all of it has ended, by the id of the one process that started the rest."""
        command = [
            "-m",
            "config.run",
            "--port",
            str(self.port),
            "--stripe",
            "demo",
            "--stripe-port",
            str(self.shop_port),
        ]
        process = subprocess.Popen(
            [sys.executable, *command], env=self.desk.environment, cwd=ROOT, start_new_session=True
        )
        try:
            assert until(lambda: self._is_up() or process.poll() is not None, seconds=PATIENCE), "it didn't start"
            assert process.poll() is None, "it gave up"
            yield
        finally:
            family = psutil.Process(process.pid).children(recursive=True)
            process.terminate()
            process.wait(30)
            alive = psutil.wait_procs(family, timeout=20)[1]
            for left in alive:
                left.kill()
            assert not alive, "what it started has to end with it"

    def _is_up(self) -> bool:
        try:
            return requests.get(f"{self.at_desk}/healthz", timeout=2).ok and "A forgotten price" in self.page("/")
        except requests.RequestException:
            return False

    @property
    def at_desk(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def at_shop(self) -> str:
        return f"http://127.0.0.1:{self.shop_port}"

    # The newcomer -------------------------------------------------------------------------------------------------
    def page(self, path: str) -> str:
        return requests.get(path if path.startswith("http") else self.at_shop + path, timeout=30).text

    def push(self, path: str, **form: str) -> requests.Response:
        where = path if path.startswith("http") else self.at_shop + path
        return requests.post(where, data=form, timeout=30)

    def buys(self, plan: str, email: str) -> str:
        """The first button of a plan, the checkout, a card that pays; the customer's id, as the last page's link has it."""
        price = re.search(rf"<h3>{plan}</h3>.*?value=\"(price_\w+)\"", self.page("/"), re.DOTALL)
        assert price, "it is not for sale"
        thanks = self.push(self.push("/demo/buy", price=price[1]).url, email=email, card="pay")
        customer = re.search(r"\?q=(cus_\w+)", thanks.text)
        assert customer, thanks.text
        return customer[1]

    def portal(self, customer: str) -> str:
        return self.push("/demo/portal", customer=customer).url

    # What a product asks ------------------------------------------------------------------------------------------
    def allows(self, customer: str, feature: str) -> bool:
        return bool(self.check(customer, feature).get("allowed"))

    def check(self, customer: str, feature: str) -> Any:
        asked = {"account": f"stripe:{customer}", "feature": feature}
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(f"{self.at_desk}/api/v1/check", json=asked, headers=headers, timeout=30)
        return answer.json() if answer.ok else {}


def demo_in(folder: Path) -> Demo:
    """A small desk of its own, with two plans on sale."""
    migrated_desk_in(folder)
    desk = desk_in(
        folder, DESK_LOG_LEVEL="ERROR"
    )  # asked too early, the desk doesn't know the account, and says so each time
    return Demo(desk, desk.run("-m", "tests.journeys.stripe.demo_world").strip())
