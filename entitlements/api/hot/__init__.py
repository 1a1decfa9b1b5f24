"""The endpoints asked most, answered by a raw ASGI application before Django sees the request (DESIGN.md §7).

What is plain and known by heart is answered from memory in the event loop; what is counted goes to writers that commit
many requests at once. Anything else (another moment, an unknown account, a body that can't be read) is handed to
Django's routes, so that each answer has one definition; a test holds the two equal.
"""
