#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does every include of src/ point down the tiers, and is every file name unique?

base <- domain <- store <- app; http knows base only; web knows app, http and the types of domain;
cli puts everything together. A library belongs to the tier that wraps it. A .c file that has a
header of its name includes it first, which proves that each header compiles alone.
"""
import pathlib
import re

from checking import line_of, main, project_files, without_comments

BELOW = {
    "base": {"base"},
    "domain": {"base", "domain"},
    "store": {"base", "domain", "store"},
    "app": {"base", "domain", "store", "app"},
    "http": {"base", "http"},
    "web": {"base", "domain", "app", "http", "web"},
    "cli": {"base", "domain", "store", "app", "http", "web", "cli"},
}
LIBRARY = {
    r"sqlite3\.h": {"store"},
    r"libpq-fe\.h": {"store"},
    r"microhttpd\.h": {"http"},
    r"yaml\.h": {"base"},
    r"openssl/.*": {"base"},
    r"sodium\.h": {"base"},
    r"curl/.*": {"http"},
    r"cjose/.*": {"web"},
    r"jansson\.h": {"web", "cli"},
    r"libxml/.*": {"app"},
    r"zip\.h": {"app"},
    r"seccomp\.h": {"app"},
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def judge_include(tier, mark, target):
    if mark == '"':
        other = target.split("/")[0]
        if "/" not in target or other not in BELOW:
            return f'includes "{target}"; write it from src/ as "tier/file.h"'
        if other not in BELOW[tier]:
            return f"tier {tier} includes {target}, which is not below it"
        return None
    for pattern, tiers in LIBRARY.items():
        if re.fullmatch(pattern, target) and tier not in tiers:
            return f"tier {tier} includes <{target}>, which only {', '.join(sorted(tiers))} wraps"
    return None


def check(root):
    findings, homes = [], {}
    for name, path in project_files(root, "src", suffixes={".c", ".h"}):
        parts = name.split("/")
        tier = parts[1]
        if len(parts) < 3 or tier not in BELOW:
            findings.append(f"{name}:1: stands in no tier of {', '.join(BELOW)}")
            continue
        homes.setdefault(parts[-1], []).append(name)
        text = without_comments(path.read_text())
        includes = list(INCLUDE.finditer(text))
        for found in includes:
            wrong = judge_include(tier, found[1], found[2])
            if wrong:
                findings.append(f"{name}:{line_of(text, found.start(1))}: {wrong}")
        own = name.removeprefix("src/").removesuffix(".c") + ".h"
        if name.endswith(".c") and pathlib.Path(root, "src", own).exists():
            if not includes or includes[0][2] != own:
                findings.append(f'{name}:1: its first include must be its own header "{own}"')
    for file, names in homes.items():
        if len(names) > 1:
            findings.append(f"{names[1]}:1: the name {file} is also {names[0]}; rename one")
    return findings


TREES = [
    ("downward is fine",
     {"src/app/pay.c": '#include "app/pay.h"\n#include "base/money.h"\n',
      "src/app/pay.h": '#include "store/store.h"\n', "src/store/db.c": "#include <sqlite3.h>\n"},
     0, ""),
    ("upward", {"src/base/money.c": '#include <stdio.h>\n#include "app/pay.h"\n'}, 1, ":2:"),
    ("web touches the store", {"src/web/page.c": '#include "store/store.h"\n'}, 1, "web"),
    ("an engine outside the store", {"src/app/pay.c": "#include <libpq-fe.h>\n"}, 1, "store"),
    ("not from src/", {"src/app/pay.c": '#include "pay.h"\n'}, 1, "tier/file.h"),
    ("no tier", {"src/util/pay.c": "\n", "src/main.c": "\n"}, 2, "no tier"),
    ("own header late",
     {"src/base/day.h": "\n", "src/base/day.c": '#include <stdio.h>\n#include "base/day.h"\n'},
     1, "own header"),
    ("one name twice", {"src/app/claim.h": "\n", "src/domain/claim.h": "\n"}, 1, "rename"),
    ("a comment includes nothing", {"src/base/day.c": '/* #include "app/pay.h" */\n'}, 0, ""),
]

if __name__ == "__main__":
    main(check, TREES)
