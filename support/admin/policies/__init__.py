"""The screens for SLA policies: read as one table, edited, previewed, tried out, printed for a customer."""
