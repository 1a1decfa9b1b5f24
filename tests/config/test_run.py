"""`make run` says what is in the way rather than beginning again and again."""

import socket

import pytest

from config.run import refuse_taken


def test_a_port_that_somebody_has_is_said_with_what_to_do():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit, match=f"Port {port} can’t be had .* Take another: make run PORT=…"):
            refuse_taken(port, "make run PORT=…")
    refuse_taken(port, "make run PORT=…")


def test_the_pretended_stripe_says_so_too():
    from tests.fakes.stripe.counterpart import Counterpart

    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        Counterpart(1, port=other.getsockname()[1])
