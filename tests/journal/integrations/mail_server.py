"""A mail server on this machine that breaks off where it is told to."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import BinaryIO


class Ending(Enum):
    """The last command it answers, or what else it does."""

    NONE = "never"
    NOBODY = "refuses the connection"
    NO_GREETING = "hangs up at once"
    SILENCE = "never says a word"
    AFTER_HELLO = b"EHLO"
    AFTER_RECIPIENT = b"RCPT"
    IN_TEXT = b"DATA"
    AFTER_TEXT = b"."
    REFUSED = "takes no message"
    RUDE_GOODBYE = "answers QUIT with an error"


@contextmanager
def mail_server(ending: Ending) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        if ending is Ending.NOBODY:
            listening.close()
            yield port
            return
        done = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, ending, done))
        thread.start()
        try:
            yield port
        finally:
            done.set()
            thread.join(10)


def _serve(listening: socket.socket, ending: Ending, done: threading.Event) -> None:
    listening.settimeout(10)
    line, _ = listening.accept()
    with line, line.makefile("rwb", buffering=0) as talk:
        if ending is Ending.SILENCE:
            done.wait(10)
        elif ending is not Ending.NO_GREETING:
            _talk(talk, ending)


def _talk(talk: BinaryIO, ending: Ending) -> None:
    talk.write(b"220 hello\r\n")
    while said := talk.readline():
        command = said.split()[0].upper()
        if ending is Ending.AFTER_TEXT and command == b"DATA":
            talk.write(b"354 go on\r\n")
            _read_text(talk)
            return
        talk.write(_answer(command, ending))
        if command == ending.value or command == b"QUIT":
            return
        if command == b"DATA" and ending is not Ending.REFUSED:
            _read_text(talk)
            talk.write(b"250 taken\r\n")


def _answer(command: bytes, ending: Ending) -> bytes:
    if command == b"DATA":
        return b"554 no\r\n" if ending is Ending.REFUSED else b"354 go on\r\n"
    return b"500 what\r\n" if (command, ending) == (b"QUIT", Ending.RUDE_GOODBYE) else b"250 ok\r\n"


def _read_text(talk: BinaryIO) -> None:
    while talk.readline() not in (b".\r\n", b""):
        pass
