"""Intake: every ticket checked at the door. Pure: a ticket as text, what is asked for in it, and what follows."""
