"""The screens for calendars: the week and the year as pictures, hours edited in words, what a change does, holidays."""
