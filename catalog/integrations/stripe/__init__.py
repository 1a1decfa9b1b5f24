"""Stripe, as far as the catalog knows it: how its identifiers look. Calls to it come with the billing issue."""
