#!/usr/bin/env python3
"""What one would write instead of eventdrop: a script that stores drops and posts them in batches.

  rivals.py each|group DIRECTORY [URL]

`each` syncs and renames every record by itself; `group` writes 500 records under temporary names, has one barrier for all
of them, renames them, and syncs the folder. Both read JSON, find the id, keep known ids in memory, make the record, and
post batches of 100 where there is a URL. Neither has a catalog, and neither compares a second drop with the first.
Prints the seconds from the first look to the last removal.
"""

import ctypes
import datetime
import http.client
import json
import os
import sys
import time
import urllib.parse

PORTION = 500
BATCH = 100
libc = ctypes.CDLL(None, use_errno=True)


def record_of(event):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    return {
        "eventId": event.pop("id"),
        "eventType": event.pop("type"),
        "processedAt": now,
        "data": event.pop("data"),
        "createdAt": now,
        "updatedAt": now,
        "attributes": event,
    }


def write_temporary(folder, name, record, is_synced):
    path = f"{folder}/.{name}.tmp"
    with open(path, "w") as file:
        json.dump(record, file)
        if is_synced:
            file.flush()
            os.fsync(file.fileno())
    return path


def sync_file_system(folder):
    if libc.syncfs(folder) != 0:
        raise OSError(ctypes.get_errno(), "syncfs")


class Webhook:
    def __init__(self, url):
        self.waiting = []
        self.address = urllib.parse.urlsplit(url) if url else None
        self.connection = http.client.HTTPConnection(self.address.netloc) if url else None

    def add(self, record):
        self.waiting.append(record)
        if len(self.waiting) == BATCH:
            self.send()

    def send(self):
        if not self.connection or not self.waiting:
            return
        body = json.dumps({"count": len(self.waiting), "events": self.waiting})
        self.connection.request("POST", self.address.path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"the webhook answered {answer.status}")
        self.waiting = []


def main():
    way, directory, url = sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None
    inbox, processed = f"{directory}/inbox", f"{directory}/processed/{datetime.date.today()}"
    os.makedirs(processed, exist_ok=True)
    folder = os.open(processed, os.O_RDONLY)
    webhook = Webhook(url)
    known = set()
    start = time.monotonic()
    with os.scandir(inbox) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".json"))
    for first in range(0, len(names), PORTION):
        written = []
        for name in names[first : first + PORTION]:
            with open(f"{inbox}/{name}") as file:
                record = record_of(json.load(file))
            if record["eventId"] in known:
                continue
            known.add(record["eventId"])
            final = f"{processed}/{record['eventId']}.json"
            temporary = write_temporary(processed, name, record, way == "each")
            if way == "each":
                os.rename(temporary, final)
                os.fsync(folder)
                os.unlink(f"{inbox}/{name}")
                webhook.add(record)
            else:
                written.append((name, temporary, final, record))
        if written:
            sync_file_system(folder)
            for name, temporary, final, record in written:
                os.rename(temporary, final)
            os.fsync(folder)
            for name, temporary, final, record in written:
                os.unlink(f"{inbox}/{name}")
                webhook.add(record)
    webhook.send()
    print(f"{time.monotonic() - start:.6f}")


main()
