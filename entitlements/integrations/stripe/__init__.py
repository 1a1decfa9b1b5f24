"""Stripe, which bills: what it says becomes what is allowed (docs/stripe.md). Its words stand in this folder alone."""
