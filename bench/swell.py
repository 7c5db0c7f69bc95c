#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a data folder's SQLite database N times as large: swell.py tongquan.db N

Every row of the tables of work is copied N-1 times with ids, references and unique texts of its own, so that
each index is as deep as that many firms would make it. Nobody logs in as a copy and no log is hashed anew: the
database is for measuring and for nothing else (`verify` finds at once what it is)."""
import sqlite3
import sys

# What one programme has once or few of, what names rows by number alone, and what the edge writes.
KEPT = {"programme", "policy", "calendar_day", "calendar", "counter", "idempotency", "session", "api_token",
        "schema_version", "writes_off", "checkpoint", "job", "blob", "secret", "id_lease"}

# References without a foreign key to rows that the copies share with the first.
SHARED = {"programme_id", "kind_id", "source_id", "policy_id"}


def columns(db, table):
    return [r[1] for r in db.execute(f"PRAGMA table_info({table})")]


def unique_texts(db, table):
    """Text columns of unique indexes: a copy needs another text."""
    types = {r[1]: r[2] for r in db.execute(f"PRAGMA table_info({table})")}
    found = set()
    for index in db.execute(f"PRAGMA index_list({table})").fetchall():
        if index[2]:
            found |= {r[2] for r in db.execute(f"PRAGMA index_info({index[1]})") if types.get(r[2]) == "TEXT"}
    return found


def swell(path, times):
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON", "synchronous=OFF", "cache_size=-400000"):
        db.execute("PRAGMA " + pragma)
    tables = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
    work = [t for t in tables if t not in KEPT and not t.startswith("sqlite_") and "id" in columns(db, t)]
    stride = 1 + max(db.execute(f"SELECT COALESCE(MAX(id), 0) FROM {t}").fetchone()[0] for t in work)
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type='trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    db.execute("BEGIN")
    for table in work + ["leg", "balance"]:
        copy(db, table, set(work), stride, times)
    db.execute("COMMIT")
    for _, sql in triggers:
        db.execute(sql)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copy(db, table, work, stride, times):
    refers = {r[3]: r[2] for r in db.execute(f"PRAGMA foreign_key_list({table})")}
    texts = unique_texts(db, table)
    types = {r[1]: r[2] for r in db.execute(f"PRAGMA table_info({table})")}
    values = []
    for c in columns(db, table):
        own = c in ("id", "seq") or refers.get(c) in work or (c.endswith("_id") and c not in refers and c not in SHARED)
        if own and types[c] in ("INTEGER", "BIGINT"):
            values.append(f"CASE WHEN {c} > 0 THEN {c} + k * {stride} ELSE {c} END")
        elif c in texts:
            values.append(f"CASE WHEN {c} <> '' THEN {c} || '-' || k ELSE '' END")
        else:
            values.append(c)
    cols = ", ".join(columns(db, table))
    db.execute(f"WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k + 1 < {times}) "
               f"INSERT OR IGNORE INTO {table} ({cols}) SELECT {', '.join(values)} FROM {table} CROSS JOIN n")


if __name__ == "__main__":
    swell(sys.argv[1], int(sys.argv[2]))
