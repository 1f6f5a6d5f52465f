#!/usr/bin/env python3
"""Makes pairs of reminders as people write them and what is to be kept of them; names are made up, hardly any is seen twice.

usage: made_reminders.py OUT.tsv [COUNT] [SEED]        (default: 20000 different ones, seed 0)

A line is a sentence in English, a tab, and what, with whom, where and when: `call | Orvina Teskal | Monday 9:30`. What can be done,
the days and the times are few; people and places are made of syllables. The same seed gives the same bytes. Exit codes: 0 written,
64 usage.
"""

import sys

from made_dates import main

STARTS = "an bel cor da el fen gar hul is jor kal lin mor nev or pri quin ros sil tar ul ver wil yan zem".split()
MIDDLES = "a e i o u an ar el en il in ol or ti vi ka lu me ro sa".split()
ENDS = "na sk ton ric va len das mir ko tas via ster bo ry gen lle".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
PLACES = "in at near".split()
DEEDS = ("call", "visit", "write to", "thank", "pay", "meet", "invite", "apologise to")


def name(choose):
    parts = [choose.choice(STARTS), *(choose.choice(MIDDLES) for _ in range(choose.randrange(1, 3))), choose.choice(ENDS)]
    return "".join(parts).capitalize()


def pair(choose):
    deed, day = choose.choice(DEEDS), choose.choice(DAYS)
    time = f"{choose.randrange(7, 21)}:{choose.choice(('00', '15', '30', '45'))}"
    who = name(choose) if choose.random() < 0.4 else f"{name(choose)} {name(choose)}"
    place = name(choose) if choose.random() < 0.4 else None
    where = f" {choose.choice(PLACES)} {place}" if place else ""
    text = choose.choice((
        f"remind me to {deed} {who}{where} on {day} at {time}", f"I have to {deed} {who} {day} at {time}{where}",
        f"on {day} I want to {deed} {who}{where} , say at {time}", f"at {time} on {day} {deed} {who}{where} , please",
        f"do not let me forget : {deed} {who}{where} , {day} , {time}"))
    return text, " | ".join([deed, who, *([place] if place else []), f"{day} {time}"])


if __name__ == "__main__":
    sys.exit(main(pair, __doc__))
