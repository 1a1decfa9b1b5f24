"""Licences: what a key is good for, where, until when; decided from what is known of it, without a database or a clock."""
