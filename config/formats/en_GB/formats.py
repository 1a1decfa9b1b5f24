"""By the 24-hour clock, with the zone: on lists and forms as in sentences."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y H:i T"

# The first is how a form shows the day it has: a browser's own chooser reads this spelling and takes any other for none,
# so that saving an untouched form would lose the day. The others are what people type.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d %b %Y", "%d %B %Y"]
