#!/usr/bin/env python3
"""Writes vectors.csv, the published table of business time, to standard output.

This is a second implementation of the definition, made to be obviously right and
not fast. It shares nothing with the Go code: it asks of every single minute
whether somebody is at work then, and counts. See vectors.md for the columns and
the calendars. Only Python's standard library is needed, with a zone database:

    python3 vectors.py > vectors.csv
"""

import csv
import random
import sys
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

# Hours are minutes since midnight, by weekday: 0 is Monday.


def hours(days, *spans):
    return {day: [(clock(a), clock(b)) for a, b in (s.split("-") for s in spans)] for day in days}


def clock(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


WEEKDAYS, EVERY_DAY = range(5), range(7)
HOURS = {
    "mon_fri_9_17": hours(WEEKDAYS, "09:00-17:00"),
    "mon_fri_break": hours(WEEKDAYS, "09:00-12:00", "13:00-17:30"),
    "mon_sat_8_20": hours(range(6), "08:00-20:00"),
    "split": hours([0], "08:30-14:00") | hours(range(1, 5), "09:00-14:00", "16:00-20:00") | hours([5], "10:00-12:00"),
    "night_shift": hours([0], "22:00-24:00") | hours(range(1, 5), "00:00-06:00", "22:00-24:00") | hours([5], "00:00-06:00"),
    "small_hours": hours(EVERY_DAY, "00:00-05:00"),
    "every_day": hours(EVERY_DAY, "09:00-12:00", "13:00-17:30"),
    "regional": hours(WEEKDAYS, "09:00-17:00"),
    "on_leave": hours(WEEKDAYS, "09:00-12:00", "13:00-17:30"),
    "small_hours_on_leave": hours(EVERY_DAY, "00:00-05:00"),
    "with_new_york": hours(WEEKDAYS, "09:00-17:00"),
}
REGIONAL = {"2026-05-14", "2026-06-04", *(f"2026-12-{d}" for d in range(24, 32)), "2027-01-01", "2027-01-02", "2027-01-03"}
LEAVES = {
    "on_leave": [
        ("2026-07-06", "2026-07-10"),
        ("2026-07-15T13:00", "2026-07-16"),
        ("2026-07-20T10:00", "2026-07-20T11:30"),
        ("2026-07-22", "2026-07-22T15:00"),
    ],
    "small_hours_on_leave": [
        ("2026-03-08T01:30", "2026-03-08T02:30"),  # ends in the gap of New York
        ("2026-03-29T02:30", "2026-03-29T04:00"),  # begins in the gap of Berlin
        ("2026-04-04T23:30", "2026-04-05T01:45"),  # spans the repeated hour of Santiago, ends in Lord Howe's
        ("2026-04-05T02:15", "2026-04-05T02:30"),  # a quarter in the repeated hour of Sydney: five quarters
        ("2026-09-06", "2026-09-06"),  # a day in Santiago without a midnight
        ("2026-10-04T02:10", "2026-10-04T04:00"),  # begins in the gaps of Sydney and Lord Howe
        ("2026-10-25T02:15", "2026-10-25T02:30"),  # in the repeated hour of Berlin
        ("2026-11-01T01:00", "2026-11-01T02:00"),  # all of the repeated hour of New York
    ],
}


@lru_cache(maxsize=None)
def wall(zone, minute):
    """What clocks in the zone show in that minute since 1970-01-01 00:00 UTC."""
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).replace(tzinfo=None)


def around(day):
    """The minutes, in order, of five days about a date, enough for any zone."""
    first = int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()) // 60 - 2 * 24 * 60
    return range(first, first + 5 * 24 * 60)


@lru_cache(maxsize=None)
def leave(zone, begin, end):
    """The minutes from which and until which a leave lasts."""
    begin_at = datetime.fromisoformat(begin)
    first = next(m for m in around(begin_at) if wall(zone, m) >= begin_at)
    end_at = datetime.fromisoformat(end)
    if len(end) == len("2026-07-10"):  # the whole day
        return first, 1 + max(m for m in around(end_at) if wall(zone, m).date() <= end_at.date())
    shown = [m for m in around(end_at) if wall(zone, m) == end_at]
    if shown:
        return first, shown[-1]
    return first, next(m for m in around(end_at) if wall(zone, m) > end_at)


@lru_cache(maxsize=None)
def at_work(zone, calendar, minute):
    if calendar == "always":
        return True
    if calendar == "with_new_york" and not at_work("America/New_York", "mon_fri_9_17", minute):
        return False
    if any(a <= minute < b for a, b in (leave(zone, *text) for text in LEAVES.get(calendar, []))):
        return False
    local = wall(zone, minute)
    date = local.date().isoformat()
    if date[5:] in ("01-01", "12-25") or date in ("2025-07-04", "2026-07-03"):
        return False
    if calendar == "regional" and date in REGIONAL:
        return False
    shown = local.hour * 60 + local.minute
    return any(a <= shown < b for a, b in HOURS[calendar].get(local.weekday(), []))


def first_after(zone, calendar, start):
    while not at_work(zone, calendar, start // 60):
        start = (start // 60 + 1) * 60
    return start


def add_seconds(zone, calendar, start, seconds):
    now = first_after(zone, calendar, start)
    while seconds > 0:
        minute_ends = (now // 60 + 1) * 60
        if at_work(zone, calendar, now // 60):
            used = min(seconds, minute_ends - now)
            seconds -= used
            now += used
        else:
            now = minute_ends
    return now


def between(zone, calendar, start, end):
    if end < start:
        return -between(zone, calendar, end, start)
    total = 0
    while start < end:
        upto = min((start // 60 + 1) * 60, end)
        if at_work(zone, calendar, start // 60):
            total += upto - start
        start = upto
    return total


# The table ----------------------------------------------------------------

ROWS = []


def epoch(zone, text):
    """The instant of a local time; "later" behind it means its second occurrence."""
    local = datetime.fromisoformat(text.removesuffix(" later"))
    return int(local.replace(tzinfo=ZoneInfo(zone), fold=text.endswith(" later")).timestamp())


def show(zone, instant):
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S %a")


def row(zone, calendar, op, start, arg, want, note):
    ROWS.append([zone, calendar, op, start, show(zone, start), arg, want, note])


def add(zone, calendar, start, length, expected, note):
    """A row whose answer was also worked out by hand: both must agree."""
    begin, seconds = epoch(zone, start), duration(length)
    want = add_seconds(zone, calendar, begin, seconds)
    assert want == epoch(zone, expected), (note, show(zone, want), expected)
    row(zone, calendar, "add_seconds", begin, seconds, want, note)


def opens(zone, calendar, start, expected, note):
    begin = epoch(zone, start)
    want = first_after(zone, calendar, begin)
    assert want == epoch(zone, expected), (note, show(zone, want), expected)
    row(zone, calendar, "first_after", begin, "", want, note)


def elapsed(zone, calendar, start, end, expected, note):
    begin, finish = epoch(zone, start), epoch(zone, end)
    want = between(zone, calendar, begin, finish)
    assert want == duration(expected), (note, want, expected)
    row(zone, calendar, "between", begin, finish, want, note)


def duration(text):
    """Seconds of "1h", "90m", "2h 30m", "-1h"."""
    unit = {"h": 3600, "m": 60, "s": 1}
    sign = -1 if text.startswith("-") else 1
    return sign * sum(int(part[:-1]) * unit[part[-1]] for part in text.removeprefix("-").split())


BERLIN, NEW_YORK, SYDNEY = "Europe/Berlin", "America/New_York", "Australia/Sydney"
LORD_HOWE, SANTIAGO, KOLKATA = "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"
ZONES = [BERLIN, NEW_YORK, SYDNEY, LORD_HOWE, SANTIAGO, KOLKATA, "UTC", "America/Phoenix", "Asia/Kathmandu", "Pacific/Chatham"]


def failures():
    """What users of other products complain about, and what is right."""
    for zone in ZONES:
        add(zone, "mon_fri_9_17", "2026-05-02 15:00", "1h", "2026-05-04 10:00", "weekend arithmetic: Saturday 15:00 + 1 h is Monday 10:00, not 16:00")
        add(zone, "mon_fri_9_17", "2026-05-03 23:30", "1h", "2026-05-04 10:00", "weekend arithmetic: Sunday 23:30 + 1 h is Monday 10:00, not Tuesday")
        add(zone, "mon_fri_9_17", "2026-05-08 16:30", "1h", "2026-05-11 09:30", "business time: Friday 16:30 + 1 h is Monday 09:30, not Friday 17:30")
    add(BERLIN, "mon_fri_break", "2026-05-05 11:30", "1h", "2026-05-05 13:30", "lunch break: 11:30 + 1 h is 13:30")
    add(BERLIN, "mon_fri_break", "2026-05-05 12:20", "1h", "2026-05-05 14:00", "lunch break: what comes at lunch starts after it")
    add(BERLIN, "mon_fri_break", "2026-05-08 16:30", "4h 15m", "2026-05-11 13:15", "lunch break and weekend")
    elapsed(BERLIN, "mon_fri_break", "2026-05-05 11:45", "2026-05-05 13:15", "30m", "lunch break: an hour and a half with lunch is half an hour")
    add("Europe/Madrid", "split", "2026-05-05 13:30", "1h", "2026-05-05 16:30", "split shift: 13:30 + 1 h is 16:30")
    add("Europe/Madrid", "split", "2026-05-05 19:30", "1h", "2026-05-06 09:30", "split shift: over night")
    add("Europe/Madrid", "split", "2026-05-09 11:00", "2h", "2026-05-11 09:30", "split shift: short Saturday, early Monday")
    add("Europe/Madrid", "split", "2026-05-05 15:00", "13h 30m", "2026-05-07 09:30", "split shift: four and nine hours of two days")
    elapsed("Europe/Madrid", "split", "2026-05-04 00:00", "2026-05-11 00:00", "43h 30m", "split shift: a week")
    opens(BERLIN, "mon_fri_9_17", "2026-05-06 00:00", "2026-05-06 09:00", "no reminder at midnight: it waits for the opening")
    opens(NEW_YORK, "mon_fri_break", "2026-05-09 00:00", "2026-05-11 09:00", "no reminder at midnight of a Saturday")
    add(BERLIN, "on_leave", "2026-07-02 17:00", "1h", "2026-07-13 09:30", "leave: the clock stands while the rep is away")
    add(BERLIN, "on_leave", "2026-07-08 10:00", "4h", "2026-07-13 14:00", "leave: what comes during it starts after it")
    elapsed(BERLIN, "on_leave", "2026-07-02 09:00", "2026-07-14 09:00", "15h", "leave: a week of it and a holiday count nothing")
    add(BERLIN, "with_new_york", "2026-05-05 10:00", "1h", "2026-05-05 16:00", "time zones: Berlin waits until New York opens at 15:00")
    add(BERLIN, "with_new_york", "2026-05-08 16:30", "1h", "2026-05-11 15:30", "time zones: two hours a day are shared")


def within_a_day():
    add(BERLIN, "mon_fri_9_17", "2026-05-04 10:00", "30m", "2026-05-04 10:30", "inside one day")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 10:00:07", "90s", "2026-05-04 10:01:37", "to the second")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 16:00", "1h", "2026-05-04 17:00", "used up exactly at closing is due at closing")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 16:00", "3601s", "2026-05-05 09:00:01", "a second more is due a second after opening")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 09:00", "8h", "2026-05-04 17:00", "a whole day ends at closing")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 09:00", "40h", "2026-05-08 17:00", "a whole week ends at Friday's closing")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 09:00", "40h 1s", "2026-05-11 09:00:01", "a week and a second")
    add(BERLIN, "mon_fri_break", "2026-05-04 11:30", "30m", "2026-05-04 12:00", "used up exactly at lunch is due at lunch")
    add(BERLIN, "mon_fri_break", "2026-05-04 09:00", "7h 30m", "2026-05-04 17:30", "a whole day with lunch")
    add(BERLIN, "mon_sat_8_20", "2026-05-09 19:00", "1h", "2026-05-09 20:00", "Saturday's closing")
    add(BERLIN, "mon_sat_8_20", "2026-05-09 19:00", "1h 1m", "2026-05-11 08:01", "over a Sunday")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 17:00", "0s", "2026-05-05 09:00", "nothing added at closing is the next opening")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 16:59:59", "0s", "2026-05-04 16:59:59", "nothing added in open time")
    add(BERLIN, "mon_fri_9_17", "2026-05-04 08:59:59", "1s", "2026-05-04 09:00:01", "a second before opening")
    opens(BERLIN, "mon_fri_9_17", "2026-05-04 09:00", "2026-05-04 09:00", "open at opening")
    opens(BERLIN, "mon_fri_9_17", "2026-05-04 17:00", "2026-05-05 09:00", "closed at closing")
    opens(BERLIN, "mon_fri_break", "2026-05-04 12:00", "2026-05-04 13:00", "closed when lunch begins")
    elapsed(BERLIN, "mon_fri_9_17", "2026-05-08 16:30", "2026-05-11 09:30", "1h", "over a weekend")
    elapsed(BERLIN, "mon_fri_9_17", "2026-05-02 10:00", "2026-05-03 10:00", "0s", "a weekend is nothing")
    elapsed(BERLIN, "mon_fri_9_17", "2026-05-11 09:30", "2026-05-08 16:30", "-1h", "backwards")
    elapsed(BERLIN, "mon_sat_8_20", "2026-05-04 00:00", "2026-05-11 00:00", "72h", "a week of six days")
    add("America/Chicago", "night_shift", "2026-05-08 23:00", "2h", "2026-05-09 01:00", "night shift: through midnight")
    add("America/Chicago", "night_shift", "2026-05-09 05:00", "2h", "2026-05-11 23:00", "night shift: the last one of the week")
    add("UTC", "always", "2026-05-02 15:00", "36h", "2026-05-04 03:00", "the clock on the wall")


def closed_days():
    add(BERLIN, "mon_fri_9_17", "2026-12-24 16:00", "2h", "2026-12-28 10:00", "holiday: Christmas on a Friday, and the weekend")
    add(BERLIN, "mon_fri_9_17", "2026-12-25 12:00", "1h", "2026-12-28 10:00", "holiday: started on it")
    add(BERLIN, "mon_fri_9_17", "2025-12-31 16:00", "2h", "2026-01-02 10:00", "holiday: New Year's Day")
    add(SYDNEY, "mon_fri_9_17", "2025-12-31 16:00", "2h", "2026-01-02 10:00", "holiday: by the date where the team is, already over in UTC")
    add(NEW_YORK, "mon_sat_8_20", "2025-07-03 19:00", "2h", "2025-07-05 09:00", "holiday: 2025-07-04")
    add(NEW_YORK, "mon_fri_break", "2026-07-02 17:00", "1h", "2026-07-06 09:30", "holiday: 2026-07-03 and the weekend")
    elapsed(BERLIN, "mon_fri_9_17", "2026-12-21 00:00", "2027-01-04 00:00", "64h", "holidays: two weeks with two of them")
    elapsed(BERLIN, "mon_fri_9_17", "2026-01-01 00:00", "2027-01-01 00:00", "2064h", "a year: 261 weekdays less 3 holidays of 8 h")
    add(BERLIN, "regional", "2026-05-13 16:00", "2h", "2026-05-15 10:00", "holiday of a region")
    add(BERLIN, "mon_fri_9_17", "2026-05-13 16:00", "2h", "2026-05-14 10:00", "no holiday elsewhere")
    add(BERLIN, "regional", "2026-12-23 16:00", "2h", "2027-01-04 10:00", "company closure over the turn of the year")
    opens(BERLIN, "regional", "2026-12-30 10:00", "2027-01-04 09:00", "company closure: within it")
    elapsed(BERLIN, "regional", "2026-12-21 00:00", "2027-01-05 00:00", "32h", "company closure: three days before it, one after")


def leaves():
    add(BERLIN, "on_leave", "2026-07-15 12:30", "1h", "2026-07-17 10:00", "leave: from 13:00, through the next whole day")
    add(BERLIN, "on_leave", "2026-07-15 11:30", "30m", "2026-07-15 12:00", "leave: due at lunch before it")
    opens(BERLIN, "on_leave", "2026-07-15 13:00", "2026-07-17 09:00", "leave: closed when it begins")
    opens(BERLIN, "on_leave", "2026-07-16 23:59:59", "2026-07-17 09:00", "leave: its last second")
    add(BERLIN, "on_leave", "2026-07-20 09:30", "1h", "2026-07-20 12:00", "part-day leave: 10:00 to 11:30")
    add(BERLIN, "on_leave", "2026-07-20 09:30", "30m", "2026-07-20 10:00", "part-day leave: due when it begins")
    opens(BERLIN, "on_leave", "2026-07-20 10:00", "2026-07-20 11:30", "part-day leave: open when it ends")
    elapsed(BERLIN, "on_leave", "2026-07-20 00:00", "2026-07-21 00:00", "6h", "part-day leave: what is left of the day")
    elapsed(NEW_YORK, "on_leave", "2026-07-22 00:00", "2026-07-23 00:00", "2h 30m", "part-day leave: from the morning until 15:00")
    add(SYDNEY, "on_leave", "2026-07-21 17:00", "1h", "2026-07-22 15:30", "part-day leave: by the clock of the rep")
    elapsed(BERLIN, "small_hours_on_leave", "2026-03-29 00:00", "2026-03-29 06:00", "3h", "leave from a skipped time begins after the gap")
    elapsed(NEW_YORK, "small_hours_on_leave", "2026-03-08 00:00", "2026-03-08 06:00", "3h 30m", "leave until a skipped time ends after the gap")
    elapsed(BERLIN, "small_hours_on_leave", "2026-10-25 00:00", "2026-10-25 06:00", "4h 45m", "leave in a repeated hour: from the first to the second")
    elapsed(SYDNEY, "small_hours_on_leave", "2026-04-05 02:00", "2026-04-05 06:00", "2h 45m", "leave in a repeated hour, in the south")
    elapsed(NEW_YORK, "small_hours_on_leave", "2026-11-01 00:00", "2026-11-01 06:00", "4h", "leave until the end of the repeated hour takes both")
    elapsed(SANTIAGO, "small_hours_on_leave", "2026-09-05 12:00", "2026-09-07 12:00", "5h", "leave on a day without a midnight")
    add(LORD_HOWE, "small_hours_on_leave", "2026-04-05 00:00", "30m", "2026-04-05 02:15", "leave that ends in a repeated half hour ends with the second")
    add(LORD_HOWE, "small_hours_on_leave", "2026-10-04 01:00", "2h", "2026-10-04 05:00", "leave that begins in a skipped half hour")


def changes_of_clocks():
    add(NEW_YORK, "mon_fri_9_17", "2026-03-06 16:00", "2h", "2026-03-09 10:00", "a weekend with the spring change")
    add(NEW_YORK, "mon_fri_9_17", "2026-10-30 16:00", "2h", "2026-11-02 10:00", "a weekend with the autumn change")
    add(SYDNEY, "mon_fri_9_17", "2026-04-03 16:00", "2h", "2026-04-06 10:00", "a weekend with the autumn change, in the south")
    add(SYDNEY, "mon_fri_9_17", "2026-10-02 16:00", "2h", "2026-10-05 10:00", "a weekend with the spring change, in the south")
    add(BERLIN, "always", "2026-03-28 12:00", "24h", "2026-03-29 13:00", "a day of wall clock over a skipped hour")
    add(BERLIN, "always", "2026-10-24 12:00", "24h", "2026-10-25 11:00", "a day of wall clock over a repeated hour")
    for zone, day in [(BERLIN, "2026-03-29"), (NEW_YORK, "2026-03-08"), (SYDNEY, "2026-10-04")]:
        add(zone, "small_hours", f"{day} 01:30", "1h", f"{day} 03:30", "gap: 02:00 to 03:00 does not exist")
        add(zone, "small_hours", f"{day} 00:00", "4h", f"{day} 05:00", "gap: 00:00 to 05:00 is four hours")
        elapsed(zone, "small_hours", f"{day} 00:00", f"{day} 12:00", "4h", "gap: a night is an hour short")
    for zone, day, hour in [(BERLIN, "2026-10-25", "02"), (NEW_YORK, "2026-11-01", "01"), (SYDNEY, "2026-04-05", "02")]:
        add(zone, "small_hours", f"{day} {hour}:30", "1h", f"{day} {hour}:30 later", "repeat: the same reading an hour later")
        add(zone, "small_hours", f"{day} 00:00", "6h", f"{day} 05:00", "repeat: 00:00 to 05:00 is six hours")
        elapsed(zone, "small_hours", f"{day} 00:00", f"{day} 12:00", "6h", "repeat: a night is an hour long")
    for zone, day in [(BERLIN, "2026-03-29"), (BERLIN, "2026-10-25"), (NEW_YORK, "2026-03-08"), (SYDNEY, "2026-04-05"), (SANTIAGO, "2026-09-06")]:
        opens(zone, "every_day", f"{day} 00:30" if zone != SANTIAGO else f"{day} 01:30", f"{day} 09:00", "the day of a change opens at nine by its new clock")
        elapsed(zone, "every_day", f"{day} 09:00", f"{day} 17:30", "7h 30m", "the day of a change has its usual hours later on")
    for zone, day in [("Asia/Jerusalem", "2025-03-28"), ("Africa/Cairo", "2025-04-25")]:
        opens(zone, "mon_fri_9_17", f"{day} 01:30", f"{day} 09:00", "clocks that change on a Friday: opens at nine by the new clock")
        add(zone, "mon_fri_9_17", f"{day} 08:00", "9h", "2025-03-31 10:00" if zone == "Asia/Jerusalem" else "2025-04-28 10:00", "clocks that change on a Friday: eight hours of it")
    add(LORD_HOWE, "small_hours", "2026-10-04 00:00", "4h 30m", "2026-10-04 05:00", "gap: half an hour on Lord Howe")
    add(LORD_HOWE, "small_hours", "2026-04-05 00:00", "5h 30m", "2026-04-05 05:00", "repeat: half an hour on Lord Howe")
    add(LORD_HOWE, "small_hours", "2026-04-05 01:45", "30m", "2026-04-05 01:45 later", "repeat: the same reading half an hour later")
    opens(SANTIAGO, "small_hours", "2026-09-05 23:00", "2026-09-06 01:00", "gap: midnight itself is skipped in Santiago")
    elapsed(SANTIAGO, "small_hours", "2026-09-06 01:00", "2026-09-06 12:00", "4h", "gap: a night without its first hour")
    elapsed(SANTIAGO, "small_hours", "2026-04-04 22:00", "2026-04-05 12:00", "5h", "repeat: 23:00 to 24:00 is, which is closed")
    elapsed(SANTIAGO, "always", "2026-04-04 22:00", "2026-04-05 12:00", "15h", "repeat: the clock on the wall counts it")
    add(NEW_YORK, "night_shift", "2026-03-06 22:00", "8h", "2026-03-07 06:00", "the last night before a change")
    opens(NEW_YORK, "night_shift", "2026-03-08 02:59", "2026-03-09 22:00", "a start that is written with a skipped time")
    elapsed(BERLIN, "with_new_york", "2026-03-09 00:00", "2026-03-10 00:00", "3h", "New York has changed, Berlin has not: three shared hours")
    elapsed(BERLIN, "with_new_york", "2026-03-02 00:00", "2026-03-03 00:00", "2h", "neither has changed: two shared hours")
    elapsed(BERLIN, "with_new_york", "2026-10-26 00:00", "2026-10-27 00:00", "3h", "Berlin has changed back, New York has not")
    elapsed(KOLKATA, "with_new_york", "2026-05-04 00:00", "2026-05-09 00:00", "0s", "Kolkata and New York share no hour of 9 to 17")
    add(SANTIAGO, "with_new_york", "2026-09-04 16:30", "1h", "2026-09-07 10:30", "Santiago has changed over the weekend")


def drawn():
    """Rows that nobody chose, most of them near a change of clocks or a closed day."""
    draw = random.Random(20260502)
    near = {
        BERLIN: ["2026-03-29", "2026-10-25"], NEW_YORK: ["2026-03-08", "2026-11-01"], SYDNEY: ["2026-04-05", "2026-10-04"],
        LORD_HOWE: ["2026-04-05", "2026-10-04"], SANTIAGO: ["2026-04-05", "2026-09-06"], "Pacific/Chatham": ["2026-04-05", "2026-09-27"],
    }
    calendars = [*HOURS, "mon_fri_9_17", "mon_fri_break", "mon_sat_8_20"]
    for _ in range(150):
        zone, calendar = draw.choice(ZONES), draw.choice(calendars)
        if calendar == "with_new_york" and zone not in (BERLIN, NEW_YORK, SANTIAGO, "UTC", "America/Phoenix"):
            zone = BERLIN  # the others share no hour with New York
        if calendar == "on_leave":
            day = draw.choice(["2026-07-05", "2026-07-15", "2026-07-20", "2026-07-22"])
        else:
            day = draw.choice([*near.get(zone, []), "2025-07-04", "2026-07-03", "2026-12-25", "2026-05-14", "2026-06-12"])
        start = datetime.fromisoformat(day) + timedelta(seconds=draw.randrange(-4 * 86400, 3 * 86400))
        start = int(start.replace(tzinfo=ZoneInfo(zone)).timestamp())
        op = draw.choice(["add_seconds", "add_seconds", "first_after", "between", "between"])
        if op == "add_seconds":
            length = draw.choice([draw.randrange(1, 12 * 3600), draw.randrange(1, 80) * 900])
            row(zone, calendar, op, start, length, add_seconds(zone, calendar, start, length), f"drawn near {day}")
        elif op == "first_after":
            row(zone, calendar, op, start, "", first_after(zone, calendar, start), f"drawn near {day}")
        else:
            end = start + draw.randrange(0, 8 * 86400)
            row(zone, calendar, op, start, end, between(zone, calendar, start, end), f"drawn near {day}")


def main():
    for part in (failures, within_a_day, closed_days, leaves, changes_of_clocks, drawn):
        part()
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["tz", "calendar", "op", "start_epoch", "start_local", "arg", "want", "note"])
    out.writerows(ROWS)


if __name__ == "__main__":
    main()
