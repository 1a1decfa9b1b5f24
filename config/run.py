"""`make run`: the web server and one worker with the clock, side by side, on one machine without any other server."""

import argparse
import os

from config.supervisor import keep_alive, say, web, worker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    os.environ.setdefault("DESK_URL", f"http://127.0.0.1:{port}")
    say(f"Entitlement Desk on {os.environ['DESK_URL']}  (Ctrl-C ends it)")
    keep_alive([web(port=port, workers=1), worker(1, "--beat")])


if __name__ == "__main__":
    main()
