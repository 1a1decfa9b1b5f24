"""What a calendar says and said: its versions, and its week and year as pictures."""
