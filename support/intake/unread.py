"""Why a file can't be read, in words."""


class Unread(Exception):
    """Its words stand behind the name of the file: "scan.pdf: it is protected by a password"."""
