#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Are the texts fit to hand out? No path of somebody's machine, no mark of unfinished work, and the
licence named in the first lines of every source file."""
import re

from checking import line_of, main, project_files

SOURCES = {".c", ".h", ".py", ".sh"}
BINARY = {".png", ".jpg", ".ico", ".woff", ".woff2", ".pdf", ".gz", ".zip", ".bin"}
# Inputs of parsers may hold any words.
SPARED = ("fuzz/corpus/", "LICENSE", "package-lock.json")
SPDX = "SPDX-License-" + "Identifier: Apache-2.0"
HOMES = "|".join(("work", "root", "tmp/w", "Users", r"home/[a-z]\w*"))
MACHINE_PATH = re.compile(rf"(?<![\w.:~/*-])/(?:{HOMES})/\w")
MARK = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK",
                                       "TB" + "D")) + r")\b")


def needs_licence(name, path, text):
    return path.suffix in SOURCES or text.startswith("#!")


def check(root):
    findings = []
    for name, path in project_files(root):
        if name.startswith(SPARED) or path.suffix in BINARY:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            if path.suffix in SOURCES | {".md", ".yaml", ".sql", ".html"}:
                findings.append(f"{name}:1: is not UTF-8")
            continue
        for pattern, what in ((MACHINE_PATH, "a path of one machine"),
                              (MARK, "a mark of unfinished work")):
            for found in pattern.finditer(text):
                findings.append(f"{name}:{line_of(text, found.start())}: {what}: {found[0]}")
        if needs_licence(name, path, text) and SPDX not in "\n".join(text.split("\n")[:3]):
            findings.append(f"{name}:1: its first lines do not say {SPDX}")
    return findings


HEAD = f"/* {SPDX} */\n"
TREES = [
    ("clean", {"src/a.c": HEAD + 'mkstemp("/tmp/tqXXXXXX"); /* https://example.org/root/x */\n',
               "docs/a.md": "Data stands in /var/lib/tongquan.\n"}, 0, ""),
    ("a machine's path", {"docs/a.md": "see /" + "work/main/x\nand /home/" + "anna/x\n"}, 2, "path"),
    ("an unfinished mark", {"src/a.c": HEAD + "\n/* FIX" + "ME later */\n"}, 1, ":3:"),
    ("no licence", {"src/a.c": "int a;\n", "tools/a.py": "import re\n", "run": "#!/bin/sh\n"},
     3, "SPDX"),
    ("not text", {"docs/a.png": "\n"}, 0, ""),
]

if __name__ == "__main__":
    main(check, TREES)
