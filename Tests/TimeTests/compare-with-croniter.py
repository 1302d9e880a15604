#!/usr/bin/env python3
"""Writes a table of cron expressions with what croniter says comes next, for CroniterTests.

    pip install croniter
    Tests/SchedulesTests/compare-with-croniter.py 20000 > /tmp/cron.tsv
    EVENTDROP_CRON_TABLE=/tmp/cron.tsv swift test --filter CroniterTests

A line has: zone, start in seconds since 1970, expression, next in seconds. croniter works on local times without
offsets here, and the local time that it gives is made an instant by the rules of eventdrop. At a fixed time: in the hour
that a clock change skips, the instant of the change; in the hour that it repeats, the first. With a star in minute or hour:
none, and both.
"""
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

ZONES = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo",
         "Pacific/Apia", "Africa/Cairo"]
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()


def field(low, high, names=None):
    def value():
        number = random.randint(low, high)
        return random.choice([names[number - low], names[number - low].upper()]) if names and random.random() < 0.3 else str(number)

    def item():
        kind = random.random()
        if kind < 0.5:
            return value()
        first, last = sorted(random.sample(range(low, high + 1), 2))
        if kind < 0.8:
            return f"{first}-{last}" + (f"/{random.randint(1, high)}" if random.random() < 0.3 else "")
        return f"*/{random.randint(1, max(1, high // 2))}"

    if random.random() < 0.35:
        return "*"
    return ",".join(item() for _ in range(random.choice([1, 1, 1, 2, 3])))


def instants(local, zone, is_interval):
    """The instants at which clocks show this; at a fixed time only the first, or the change that skips it."""
    found = []
    for fold in (0, 1):
        there = local.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc)
        if there.astimezone(zone).replace(tzinfo=None, fold=0) == local:
            found.append(int(there.timestamp()))
    if is_interval:
        return sorted(set(found))
    if found:
        return found[:1]
    low = int(local.replace(tzinfo=zone, fold=1).timestamp()) - 4 * 3600
    high = low + 8 * 3600
    offset = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return [high]


def changes(zone, year):
    """The instants of this year at which the offset changes."""
    time = int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp())
    end = time + 366 * 86400
    before = datetime.fromtimestamp(time, zone).utcoffset()
    while time < end:
        time += 3600
        after = datetime.fromtimestamp(time, zone).utcoffset()
        if after != before:
            yield time
        before = after


def main():
    random.seed(20261123)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    written = 0
    while written < count:
        name = random.choice(ZONES)
        zone = ZoneInfo(name)
        start = random.randint(946684800, 1900000000)
        near = list(changes(zone, random.randint(2000, 2028)))
        if near and random.random() < 0.5:
            start = random.choice(near) + random.randint(-7200, 7200)
        expression = " ".join([field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 6, DAYS)])
        # From a day before on, as a local time of yesterday's clock can still be ahead.
        local = datetime.fromtimestamp(start, zone).replace(tzinfo=None, fold=0) - timedelta(hours=26)
        try:
            times = croniter(expression, local, max_years_between_matches=8)
            # Where all days are written out without being a lone star, croniter sometimes takes it for one, and
            # sometimes not; for eventdrop it is a restriction like any other.
            texts = expression.split()
            if any(texts[field] != "*" and len(times.expanded[field]) in (1, full) and set(times.expanded[field]) in
                   ({"*"}, every) for field, full, every in ((2, 31, set(range(1, 32))), (4, 7, set(range(7))))):
                continue
            is_interval = any("*" in text for text in texts[:2])
            following = []
            last = None
            # What clocks show once more comes at most some hours after what they show first.
            while last is None or local < last + timedelta(hours=26):
                local = times.get_next(datetime)
                for candidate in instants(local, zone, is_interval):
                    if candidate > start:
                        following.append(candidate)
                        last = last or local
        except Exception:
            continue
        print(name, start, expression, min(following), sep="\t")
        written += 1


main()
