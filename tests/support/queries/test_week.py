from support.queries.week import say_day_hours, say_span, say_week


def week(*windows):
    days = [[] for _ in range(7)]
    for day, opens, closes in windows:
        days[day].append([opens, closes])
    return days


def test_days_in_a_row_that_open_alike_are_said_together():
    assert say_week(week(*((day, 360, 1080) for day in range(5)))) == "Monday–Friday 06:00–18:00"


def test_days_apart_and_days_unlike_are_said_one_by_one():
    words = say_week(week((0, 360, 1080), (2, 360, 1080), (3, 540, 1080)))
    assert words == "Monday 06:00–18:00; Wednesday 06:00–18:00; Thursday 09:00–18:00"


def test_a_day_with_a_break_says_both_stretches():
    assert say_week(week((5, 780, 1020), (5, 540, 720))) == "Saturday 09:00–12:00 and 13:00–17:00"


def test_a_night_shift_ends_the_next_day():
    assert say_span(1320, 1800) == "22:00–06:00 the next day"


def test_no_hours_at_all_are_said():
    assert say_week([]) == "Never open"
    assert say_week([[]] * 7) == "Never open"


def test_the_hours_of_one_day_are_said():
    assert say_day_hours([]) == "closed"
    assert say_day_hours([[0, 1440]]) == "24 hours"
    assert say_day_hours([[780, 1020], [540, 720]]) == "09:00–12:00 and 13:00–17:00"
