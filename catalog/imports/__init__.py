"""The catalog's records as tables: which columns each has, what stands there now, and how a row is written by actions."""
