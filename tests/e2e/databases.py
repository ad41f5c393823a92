# SPDX-License-Identifier: Apache-2.0
"""Databases as older versions of fepd left them, and what is in one.

    databases.py make VERSION DATABASE      out of db/schema*.sql, with a station and events of its time
    databases.py content DATABASE FILE      all rows that consumers may have read
"""
import os
import sqlite3
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = ["schema.sql", "schema_2.sql", "schema_3.sql"]
EVENTS = 2000
NOW_MS = 1_790_000_000_000


def make(version, path):
    database = sqlite3.connect(path)
    for name in SCHEMAS[:version]:
        with open(os.path.join(HERE, "../../db", name), encoding="utf-8") as file:
            database.executescript(file.read())
    database.execute(f"PRAGMA user_version = {version}")
    database.execute("INSERT INTO station (number, name) VALUES (1, 'Old Mill')")
    database.executemany(
        "INSERT INTO event (seq, station, type, point_index, value, flags, time_ms, time_quality, received_ms, origin,"
        " marks) VALUES (?, 1, 6, ?, ?, 1, ?, 1, ?, 1, 0)",
        [(seq, seq % 7, seq / 4, NOW_MS + seq, NOW_MS + seq + 50) for seq in range(1, EVENTS + 1)])
    database.execute("INSERT INTO consumer (name, seq, at_ms) VALUES ('historian', 1500, ?)", (NOW_MS,))
    database.execute("UPDATE meta SET as_of = 0, last_seq = ?", (EVENTS,))
    database.commit()
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


def content(path, target):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with open(target, "w", encoding="utf-8") as file:
        for row in database.execute("SELECT journal_id FROM meta"):
            print(row, file=file)
        for row in database.execute("SELECT name, seq, at_ms FROM consumer ORDER BY name"):
            print(row, file=file)
        for row in database.execute("SELECT seq, station, type, point_index, value, flags, time_ms, received_ms"
                                    " FROM event WHERE seq <= ? ORDER BY seq", (EVENTS,)):
            print(row, file=file)


if sys.argv[1] == "make":
    make(int(sys.argv[2]), sys.argv[3])
else:
    content(sys.argv[2], sys.argv[3])
