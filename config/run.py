"""`make run`: the web server, one worker and the clock, side by side, on one machine without any other server."""

import argparse
import os
import socket

from config.supervisor import Program, clock, keep_alive, say, web, worker

CRMS = {"salesforce": 12112, "hubspot": 12113}  # those that can be pretended, and where


def programs(
    *, port: int, pretended: bool = False, pretended_port: int = 12111, crm: str = "", crm_port: int = 0
) -> list[Program]:
    """What runs side by side; with a pretended billing system or CRM each is told where the other is."""
    os.environ.setdefault("DESK_URL", f"http://127.0.0.1:{port}")
    beside: list[Program] = []
    desk = f"http://127.0.0.1:{port}"
    if pretended:
        from config import counterpart  # it reads the settings, which name the desk's address

        os.environ.setdefault("DESK_BUY_URL", counterpart.buy_url(pretended_port))
        beside += counterpart.programs(port=pretended_port, desk=desk)
    if crm:
        from config import crm_counterpart

        beside += crm_counterpart.programs(crm, port=crm_port or CRMS[crm], desk=desk)
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
    parser.add_argument("--crm", choices=tuple(CRMS), default="", help="a pretended CRM beside it")
    parser.add_argument("--crm-port", type=int, default=0)
    given = parser.parse_args()
    crm_port = given.crm_port or CRMS.get(given.crm, 0)
    refuse_taken(given.port, "make run PORT=…")
    if given.pretended:
        refuse_taken(given.pretended_port, "make run STRIPE=demo STRIPE_PORT=…")
    if given.crm:
        refuse_taken(crm_port, f"make run CRM={given.crm} CRM_PORT=…")
    shop = {"pretended": bool(given.pretended), "pretended_port": given.pretended_port}
    started = programs(port=given.port, **shop, crm=given.crm, crm_port=crm_port)
    say(f"Entitlement Desk on {os.environ['DESK_URL']}  (Ctrl-C ends it)")
    keep_alive(started)


if __name__ == "__main__":
    main()
