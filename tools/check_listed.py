#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is every source file built and every test program run? A file that no meson.build names is dead
code that looks alive; a test that no list names passes for ever."""
import pathlib
import re

from checking import main, project_files


def words_of(path):
    """The quoted words of a meson.build, without its comments."""
    text = path.read_text() if path.exists() else ""
    return set(re.findall(r"'([^'\n]+)'", re.sub(r"#[^\n]*", "", text)))


def check(root):
    findings = []
    top = words_of(pathlib.Path(root, "meson.build"))
    tests = words_of(pathlib.Path(root, "tests/meson.build"))
    for name, path in project_files(root, "src", "tests", suffixes={".c"}):
        if name.startswith("src/"):
            tier = pathlib.Path(root, *pathlib.Path(name).parts[:2])
            below = str(path.relative_to(tier))
            if below not in words_of(tier / "meson.build") and name not in top:
                findings.append(f"{name}:1: is named by no meson.build of its tier")
        elif path.name.startswith("test_"):
            if path.stem.removeprefix("test_") not in tests and path.name not in tests:
                findings.append(f"{name}:1: stands in no list of tests/meson.build")
    return findings


TREES = [
    ("listed",
     {"src/app/meson.build": "app = ['pay.c']\n", "src/app/pay.c": "\n",
      "meson.build": "executable('x', 'src/cli/main.c')\n", "src/cli/main.c": "\n",
      "tests/meson.build": "{ 'pay': app_dep, }\n", "tests/test_pay.c": "\n",
      "tests/helper.c": "\n"}, 0, ""),
    ("a source that is not built",
     {"src/app/meson.build": "app = ['pay.c'] # and 'late.c'\n", "src/app/pay.c": "\n",
      "src/app/late.c": "\n"}, 1, "late.c"),
    ("a test that is not run",
     {"tests/meson.build": "{ 'pay': app_dep, }\n", "tests/test_pay.c": "\n",
      "tests/test_late.c": "\n"}, 1, "test_late.c"),
]

if __name__ == "__main__":
    main(check, TREES)
