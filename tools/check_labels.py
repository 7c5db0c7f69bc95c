#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has every field of a view and of a form a label in each language? Nobody is shown the name of a column.

A view's field wants `field.<name>`; a form's the same, or `field.<route>.<name>` of its own.
"""
import re

from checking import line_of, main, project_files, without_comments

LANGUAGES = ("zh", "en")
TEXT = re.compile(r'^msgid "field\.([a-z0-9_.]+)"$', re.M)
IN_VIEW = re.compile(r"^(?:field|detail) ([a-z0-9_]+) (\w+)", re.M)
UNSHOWN = ("hidden", "id")  # types of columns that no page names
ROUTE = re.compile(r"^(?:MAKE|ACT|ACT_MAKES|DO|ROWS|SHEET)\((\w+)", re.M)
IN_FORM = re.compile(r"\bF_[A-Z]+\((\w+)")


def labels(root, language):
    found = set()
    for _, path in project_files(root, f"locale/{language}", suffixes={".po"}):
        found |= set(TEXT.findall(path.read_text()))
    return found


def view_fields(root):
    for name, path in project_files(root, "src/store/views", suffixes={".view"}):
        text = path.read_text()
        for f in IN_VIEW.finditer(text):
            if f[2] not in UNSHOWN:
                yield f"{name}:{line_of(text, f.start())}", "", f[1]


def form_fields(root):
    for name, path in project_files(root, "src/web", suffixes={".def"}):
        text = without_comments(path.read_text())
        rows = list(ROUTE.finditer(text))
        for row, after in zip(rows, rows[1:] + [None]):
            end = after.start() if after else len(text)
            for f in IN_FORM.finditer(text, row.start(), end):
                yield f"{name}:{line_of(text, f.start())}", row[1], f[1]


def check(root):
    known = {language: labels(root, language) for language in LANGUAGES}
    findings = []
    for where, route, field in [*view_fields(root), *form_fields(root)]:
        absent = [language for language in LANGUAGES
                  if not known[language] & {field, f"{route}.{field}"}]
        if absent:
            findings.append(f"{where}: field.{field} has no label in {' and '.join(absent)}: "
                            "add it to locale/*/")
    return findings


def texts(*keys):
    po = "".join(f'msgid "field.{k}"\nmsgstr "x"\n' for k in keys)
    return {"locale/zh/a.po": po, "locale/en/a.po": po}


VIEW = {"src/store/views/a.view": "view a\nfield id id a.id\nfield unit token:unit a.unit\n"}
FORM = {"src/web/routes_a.def": 'ACT(a_plan, "/a", A, "", R(X),\n    F_CHOICE(unit, "b c", unit, REQ), "P-1")\n'}
TREES = [
    ("labels for both", texts("unit") | VIEW | FORM, 0, ""),
    ("a label of the form's own", texts("a_plan.unit") | FORM, 0, ""),
    ("no label in a view", texts("other") | VIEW, 1, "unit has no label in zh and en"),
    ("a label of another form", texts("b_plan.unit") | FORM, 1, "routes_a.def:2"),
    ("one language", {"locale/zh/a.po": 'msgid "field.unit"\nmsgstr "x"\n'} | VIEW, 1, "in en"),
]

if __name__ == "__main__":
    main(check, TREES)
