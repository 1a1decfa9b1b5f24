"""Webhooks sent: a guarded connection, one try, and the senders that carry what is due."""
