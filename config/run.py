"""`make run`: the web server, one worker and the clock, side by side, on one machine without any other server."""

import argparse
import os
import socket

from config.supervisor import Program, clock, keep_alive, say, web, worker


def programs(*, port: int, pretended: bool = False, pretended_port: int = 12111) -> list[Program]:
    """What runs side by side; with a pretended billing system each is told where the other is."""
    os.environ.setdefault("DESK_URL", f"http://127.0.0.1:{port}")
    beside: list[Program] = []
    if pretended:
        from config import counterpart  # it reads the settings, which name the desk's address

        os.environ.setdefault("DESK_BUY_URL", counterpart.buy_url(pretended_port))
        beside = counterpart.programs(port=pretended_port, desk=f"http://127.0.0.1:{port}")
    return [web(port=port, workers=1), worker(1), clock(), *beside]


def refuse_taken(port: int, otherwise: str) -> None:
    """SystemExit where somebody listens there already: what can't begin would be started again for ever."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind(("127.0.0.1", port))
        except OSError as error:
            raise SystemExit(f"Port {port} can’t be had ({error.strerror}). Take another: {otherwise}") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--stripe", choices=("demo",), dest="pretended", help="a pretended Stripe beside it, to buy at")
    parser.add_argument("--stripe-port", type=int, default=12111, dest="pretended_port")
    given = parser.parse_args()
    refuse_taken(given.port, "make run PORT=…")
    if given.pretended:
        refuse_taken(given.pretended_port, "make run STRIPE=demo STRIPE_PORT=…")
    started = programs(port=given.port, pretended=bool(given.pretended), pretended_port=given.pretended_port)
    say(f"Entitlement Desk on {os.environ['DESK_URL']}  (Ctrl-C ends it)")
    keep_alive(started)


if __name__ == "__main__":
    main()
