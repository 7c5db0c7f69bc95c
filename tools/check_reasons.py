#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has every reason that the program gives a text in each language? Nobody is shown a raw token.

A reason is the token of a tq_fail, or of an input_fault_add, in src/app, src/domain and src/web.
"""
import re

from checking import line_of, main, project_files, without_comments

LANGUAGES = ("zh", "en")
GIVEN = re.compile(
    r'\btq_fail\(\s*[\w&>.-]+\s*,\s*\w+\s*,\s*"([a-z0-9_]+)"'
    r'|\binput_fault_add\(\s*[^;"]*?,\s*"([a-z0-9_]+)"\s*,')
TEXT = re.compile(r'^msgid "reason\.([a-z0-9_]+)"$', re.M)


def check(root):
    findings = []
    known = {language: set() for language in LANGUAGES}
    for language in LANGUAGES:
        for _, path in project_files(root, f"locale/{language}", suffixes={".po"}):
            known[language] |= set(TEXT.findall(path.read_text()))
    for name, path in project_files(root, "src/app", "src/domain", "src/web", suffixes={".c"}):
        text = without_comments(path.read_text())
        for found in GIVEN.finditer(text):
            token = found[1] or found[2]
            absent = [language for language in LANGUAGES if token not in known[language]]
            if absent:
                findings.append(f"{name}:{line_of(text, found.start())}: reason.{token} has no text in "
                                f"{' and '.join(absent)}: add it to locale/*/reason.po")
    return findings


ZH = {"locale/zh/reason.po": 'msgid "reason.amount"\nmsgstr "金额不正确。"\n'}
EN = {"locale/en/reason.po": 'msgid "reason.amount"\nmsgstr "The amount is not right."\n'}
FAILS = 'return tq_fail(err, TQ_INVALID, "%s",\n    NULL, "why");\n'

TREES = [
    ("known in both", ZH | EN | {"src/app/pay.c": FAILS % "amount"}, 0, ""),
    ("known in none", ZH | EN | {"src/app/pay.c": FAILS % "zip_ratio"}, 1, "zip_ratio has no text in zh and en"),
    ("known in one", ZH | {"src/web/pay.c": FAILS % "amount"}, 1, "in en"),
    ("a fault of a field", {"src/web/pay.c": 'input_fault_add(f, name, "money", STR(""));'}, 1, "money"),
    ("said in a comment only", {"src/domain/pay.c": "/* " + FAILS % "amount" + " */"}, 0, ""),
]

if __name__ == "__main__":
    main(check, TREES)
