"""The runtime over HTTP: may this account do this now, and what was used. One meaning for every edge.

Plain functions from requests (msgspec Structs) to answers (msgspec Structs); whatever speaks HTTP, Django's routes or
the raw application beside it, decodes, calls one of them, and encodes.
"""
