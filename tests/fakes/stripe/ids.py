"""Ids that look like Stripe's and are the same in every run with the same seed."""

import random
import string
from collections import defaultdict

LETTERS = string.ascii_letters + string.digits
LENGTHS = {"cs_test_": 58, "feat_test_": 38, "ent_test_": 38, "mtr_test_": 38, "whsec_": 32, "cus_": 14, "prod_": 14}


class Ids:
    """Each prefix draws from a generator of its own, so that one more event moves no customer's id."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[str, random.Random] = {}
        self._counts: dict[str, int] = defaultdict(int)

    def __call__(self, prefix: str) -> str:
        if prefix not in self._drawn:
            self._drawn[prefix] = random.Random(f"{self._seed}:{prefix}")
        return prefix + "".join(self._drawn[prefix].choices(LETTERS, k=LENGTHS.get(prefix, 24)))

    def number(self, of: str) -> int:
        self._counts[of] += 1
        return self._counts[of]
