"""Salesforce: companies are its accounts, deals its opportunities; our fields stand at its accounts, entitlements in an
object of their own."""
