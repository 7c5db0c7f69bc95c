#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the C stay away from what this project does in another way?

Each ban names its replacement. Where one is right after all, the same line says so with a reason:
    clock_gettime(CLOCK_MONOTONIC, &t); /* allow: clock_gettime no date is made of it */
An exception that excuses nothing is reported, so that none outlives its cause.
"""
import re
from typing import NamedTuple

from checking import code_only, line_of, main, project_files

ALL = ("src", "tests", "fuzz", "bench")
SRC = ("src",)
EXACT = ("src/domain", "src/store", "src/app")


class Ban(NamedTuple):
    words: str  # names, separated by spaces
    use: str  # what to write instead
    folders: tuple = ALL
    spared: tuple = ()  # beginnings of paths where the name is at home
    call: bool = True  # only where a "(" follows


BANS = [
    Ban("strcpy stpcpy strcat strncpy strncat", "buf_add or memcpy with a known length"),
    Ban("sprintf vsprintf", "buf_printf, or snprintf with its result looked at"),
    Ban("gets", "file_read or fgets"),
    Ban("strtok", "slices of base/str.h; strtok writes into its input and keeps state"),
    Ban("atoi atol atoll atof", "a parser of base that reports what it cannot read"),
    Ban("alloca", "an arena"),
    Ban("rand srand random srandom drand48", "random_bytes of base/hash.h, or the seeded draw"),
    Ban("time clock_gettime gettimeofday ftime", "instant_now, at the edge; rules take the day",
        SRC, ("src/base/day.c",)),
    Ban("localtime gmtime localtime_r gmtime_r mktime timegm strftime", "zone_day and day_ymd",
        SRC, ("src/base/day.c",)),
    Ban("system popen", "posix_spawn with an argument list", SRC),
    Ban("assert", "TQ_ASSERT, which stays in production builds", SRC),
    Ban("setjmp longjmp", "an error value on every way out", SRC),
    Ban("float double", "int64_t fen, or basis points; rounding has a name", EXACT, call=False),
    Ban(r"sqlite3_\w+", "a named statement through store.h", SRC, ("src/store/",)),
    Ban(r"PQ[a-z]\w*", "a named statement through store.h", SRC, ("src/store/",)),
]
ALLOW = re.compile(r"/\* allow: (\w+)(.*?)\*/")


def compiled(ban):
    names = "|".join(ban.words.split())
    return re.compile(rf"(?<![\w.>])({names})\b" + (r"(?=\s*\()" if ban.call else ""))


def in_scope(ban, name):
    return name.startswith(tuple(f"{f}/" for f in ban.folders)) and not name.startswith(ban.spared)


def exceptions_of(name, text, findings):
    """(line, word) of each exception with a reason; those without one are findings."""
    allowed = set()
    for number, line in enumerate(text.split("\n"), 1):
        for found in ALLOW.finditer(line):
            if len(found[2].split()) < 2:
                findings.append(f"{name}:{number}: an exception for {found[1]} without a reason")
            allowed.add((number, found[1]))
    return allowed


def check(root):
    findings = []
    patterns = [(ban, compiled(ban)) for ban in BANS]
    for name, path in project_files(root, *ALL, suffixes={".c", ".h", ".def"}):
        text = path.read_text()
        code = code_only(text)
        unused = allowed = exceptions_of(name, text, findings)
        for ban, pattern in patterns:
            if not in_scope(ban, name):
                continue
            for found in pattern.finditer(code):
                place = (line_of(code, found.start()), found[1])
                unused = unused - {place}
                if place not in allowed:
                    findings.append(f"{name}:{place[0]}: {found[1]} is not used here: {ban.use}")
        for number, word in sorted(unused):
            findings.append(f"{name}:{number}: the exception for {word} excuses nothing; remove it")
    return findings


TREES = [
    ("clean", {"src/app/pay.c": 'int pay(void) { return x.time(1) + my_rand(2); }\n'}, 0, ""),
    ("a banned call", {"src/base/str.c": "\n\nvoid f(void) { strcpy (a, b); }\n"}, 1, ":3:"),
    ("in a test too", {"tests/test_a.c": "sprintf(a, b);\n"}, 1, "sprintf"),
    ("a word in a comment or string",
     {"src/base/str.c": '/* strcpy(a, b) */ const char *s = "atoi(1)"; // gets(x)\n'}, 0, ""),
    ("floating money", {"src/domain/policy.c": "double rate;\n"}, 1, "basis points"),
    ("a float elsewhere", {"src/http/throttle.c": "double rate;\n"}, 0, ""),
    ("a clock", {"src/app/pay.c": "t = time(NULL);\n"}, 1, "instant_now"),
    ("the one clock", {"src/base/day.c": "clock_gettime(CLOCK_REALTIME, &t);\n"}, 0, ""),
    ("an engine outside the store",
     {"src/app/pay.c": "sqlite3_step(s);\nPQexec(c, q);\n"}, 2, "named statement"),
    ("an exception",
     {"src/http/slow.c": "clock_gettime(M, &t); /* allow: clock_gettime a stopwatch only */\n"},
     0, ""),
    ("an exception without a reason",
     {"src/http/slow.c": "clock_gettime(M, &t); /* allow: clock_gettime */\n"}, 1, "reason"),
    ("an exception that excuses nothing",
     {"src/http/slow.c": "x(); /* allow: clock_gettime a stopwatch only */\n"}, 1, "excuses nothing"),
]

if __name__ == "__main__":
    main(check, TREES)
