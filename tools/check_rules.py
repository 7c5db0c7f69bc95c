#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every rule traced both ways between docs/rules.md, the code and the tests?

A row of the table is | R-CLAIM-010 | P-22 | the rule in words | src/... | tests/... |. Every R-...
that src/ or schemes/ cite has a row; every file a row names exists and cites the rule; every P-nn
that src/, schemes/ or tests/ cite stands in some row. Second cell "-": no requirement behind it.
"""
import pathlib
import re

from checking import line_of, main, project_files

RULES = "docs/rules.md"
RULE = re.compile(r"\bR-[A-Z]+(?:-[A-Z]+)*-\d{3}\b")
REQUIREMENT = re.compile(r"\bP-\d{2}\b")
TEXTS = {".c", ".h", ".def", ".sql", ".yaml", ".yml", ".csv", ".html", ".py", ".sh", ".po"}


def cells_of(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def read_rows(path, findings):
    """rule -> (line, requirements, files)"""
    rows = {}
    for number, line in enumerate(path.read_text().split("\n") if path.exists() else [], 1):
        if not line.startswith("| R-"):
            continue
        cells, place = cells_of(line), f"{RULES}:{number}"
        if len(cells) != 5 or not RULE.fullmatch(cells[0]) or not all(cells):
            findings.append(f"{place}: not | R-WORD-nnn | P-nn | rule | code file | test |")
            continue
        requirements = REQUIREMENT.findall(cells[1])
        if not requirements and cells[1] != "-":
            findings.append(f"{place}: names no P-nn; write - where there is none")
        if cells[0] in rows:
            findings.append(f"{place}: {cells[0]} has a second row")
            continue
        files = [re.split(r"[\s,;`]+|<br>", cells[i].strip("` ")) for i in (3, 4)]
        rows[cells[0]] = (number, requirements, [f for part in files for f in part if f])
    return rows


def check(root):
    findings = []
    rows = read_rows(pathlib.Path(root, RULES), findings)
    known = {p for _, requirements, _ in rows.values() for p in requirements}
    for name, path in project_files(root, "src", "schemes", "tests", suffixes=TEXTS):
        text = path.read_text()
        if not name.startswith("tests/"):
            for found in RULE.finditer(text):
                if found[0] not in rows:
                    findings.append(f"{name}:{line_of(text, found.start())}: {found[0]} has no row "
                                    f"in {RULES}")
        for found in REQUIREMENT.finditer(text):
            if rows and found[0] not in known:
                findings.append(f"{name}:{line_of(text, found.start())}: {found[0]} is in no row "
                                f"of {RULES}")
    for rule, (number, _, files) in rows.items():
        for file in files:
            path = pathlib.Path(root, file)
            if not path.is_file():
                findings.append(f"{RULES}:{number}: {file} of {rule} does not exist")
            elif rule not in RULE.findall(path.read_text()):
                findings.append(f"{RULES}:{number}: {file} does not cite {rule}")
    return findings


ROW = "| R-CLAIM-010 | P-22 | paid by quarter | `src/domain/claim.c` | tests/test_claim.c |\n"
CODE = "/* R-CLAIM-010, P-22 */\n"
TREES = [
    ("empty", {RULES: "| rule | from | words | code | test |\n|---|---|---|---|---|\n"}, 0, ""),
    ("traced", {RULES: ROW, "src/domain/claim.c": CODE, "tests/test_claim.c": CODE}, 0, ""),
    ("a rule without a row", {"src/domain/claim.c": "/* R-CLAIM-020 */\n"}, 1, "R-CLAIM-020"),
    ("a rule of a scheme without a row", {"schemes/a.yaml": "rule: R-CLAIM-020\n"}, 1, "no row"),
    ("a file that is gone", {RULES: ROW, "src/domain/claim.c": CODE}, 1, "does not exist"),
    ("a test that does not cite it",
     {RULES: ROW, "src/domain/claim.c": CODE, "tests/test_claim.c": "R-CLAIM-0100\n"},
     1, "does not cite"),
    ("a requirement without a row",
     {RULES: ROW, "src/domain/claim.c": CODE, "tests/test_claim.c": CODE + "/* P-31 */\n"},
     1, "P-31"),
    ("a broken row", {RULES: "| R-CLAIM-010 | P-22 | words | src/a.c |\n"}, 1, "not |"),
    ("a row twice", {RULES: ROW + ROW, "src/domain/claim.c": CODE, "tests/test_claim.c": CODE},
     1, "second row"),
]

if __name__ == "__main__":
    main(check, TREES)
