"""Wall-clock minutes as people write them: 540 is "09:00", 1440 is "24:00", 1860 is "31:00" (07:00 the next day)."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clock_words(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours:02}:{rest:02}"
