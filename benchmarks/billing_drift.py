"""5,000 subscriptions at a pretended Stripe, of which 200 come to differ at random and nobody is told: who finds them.

    python -m benchmarks.billing_drift [--subscriptions 5000] [--wrong 200] [--seed 7]

It is the test of the same (tests/entitlements/integrations/stripe/test_drift_whole.py), in full: just those are found, all
are mended, and the second comparison writes nothing. Printed are the seed, what was compared and found, the questions put
to Stripe, the seconds and the memory at most.
"""

import argparse
import os
import subprocess
import sys

TEST = "tests/entitlements/integrations/stripe/test_drift_whole.py"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--subscriptions", type=int, default=5000)
    asked.add_argument("--wrong", type=int, default=200)
    asked.add_argument("--seed", type=int, default=0, help="0: another each time")
    told = asked.parse_args()
    wanted = {"DESK_DRIFT": told.subscriptions, "DESK_DRIFT_WRONG": told.wrong, "DESK_DRIFT_SEED": told.seed}
    surroundings = {**os.environ, **{name: str(value) for name, value in wanted.items()}}
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", TEST], env=surroundings
    )


if __name__ == "__main__":
    sys.exit(main())
