"""How days and times are written, for Django (FORMAT_MODULE_PATH)."""
