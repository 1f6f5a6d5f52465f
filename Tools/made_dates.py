#!/usr/bin/env python3
"""Makes pairs of dates as people write them and as ISO 8601 has them: a task that a small network learns in two minutes.

usage: made_dates.py OUT.tsv [COUNT] [SEED]        (default: 20000 different ones, seed 0)

A line is a date in English, German, French or Chinese, or in numbers, a tab, and `1979-05-03`. Days are from 1900 to 2099. The
same seed gives the same bytes. Exit codes: 0 written, 64 usage.
"""

import datetime
import pathlib
import random
import sys

ENGLISH = (
    "January February March April May June July August September October November December").split()
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def ordinal(day):
    return f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def written(date, choose):
    """The date in one of many ways; each says day, month and year without doubt."""
    y, m, d = date.year, date.month, date.day
    month, week = ENGLISH[m - 1], DAYS[date.weekday()]
    ways = (
        f"{d} {month} {y}", f"{month} {d}, {y}", f"{month[:3]} {d}, {y}", f"{d} {month[:3]} {y}",
        f"the {ordinal(d)} of {month} {y}", f"{month} {ordinal(d)}, {y}", f"{week}, {d} {month} {y}",
        f"{week[:3]}, {month[:3]} {d} {y}", f"{d}. {GERMAN[m - 1]} {y}", f"{d}.{m}.{y}", f"{d:02}.{m:02}.{y}",
        f"{d} {FRENCH[m - 1]} {y}", f"le {d} {FRENCH[m - 1]} {y}", f"{y}年{m}月{d}日", f"{y}/{m}/{d}", f"{y}{m:02}{d:02}",
        f"{d}-{month[:3].upper()}-{y}", f"{month} {y}, {ordinal(d)}")
    text = choose.choice(ways)
    return text.lower() if choose.random() < 0.15 else text


def pair(choose):
    """A date as somebody writes it, and as ISO 8601 has it."""
    date = datetime.date(1900, 1, 1) + datetime.timedelta(choose.randrange(73_049))
    return written(date, choose), date.isoformat()


def main(pair, usage):
    """Writes different pairs that `pair` makes of random numbers, as the command line says."""
    if not 2 <= len(sys.argv) <= 4 or not all(word.isdigit() for word in sys.argv[2:]):
        print(usage.strip(), file=sys.stderr)
        return 64
    count, seed = (int(word) for word in (sys.argv[2:] + ["20000", "0"][len(sys.argv) - 2:]))
    if count > 200_000:
        print(f"COUNT is {count}: expected at most 200000", file=sys.stderr)
        return 64
    choose = random.Random(seed)
    pairs = {}
    while len(pairs) < count:
        text, answer = pair(choose)
        pairs[text] = answer
    text = "".join(f"{text}\t{answer}\n" for text, answer in pairs.items())
    pathlib.Path(sys.argv[1]).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(pair, __doc__))
