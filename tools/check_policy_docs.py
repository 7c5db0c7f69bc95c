#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does docs/policy-language.md say what the lists of the policy language say?"""
import pathlib

from checking import main
from gen_policy_docs import LISTS, PAGE, page


def check(root):
    if not pathlib.Path(root, LISTS.format("fields")).exists():
        return []
    path = pathlib.Path(root, PAGE)
    if path.exists() and path.read_text(encoding="utf-8") == page(root):
        return []
    return [f"{PAGE}:1: is not what tools/gen_policy_docs.py makes of src/domain/policy_*.def; run it"]


def tree(edit=None):
    """The real lists and page, with one edit (file, from, to)."""
    root = pathlib.Path(__file__).resolve().parent.parent
    names = [LISTS.format(n) for n in ("fields", "kinds", "facts", "reasons")]
    files = {n: pathlib.Path(root, n).read_text(encoding="utf-8") for n in names}
    files[PAGE] = page(root)
    if edit:
        name, old, new = edit
        files[name] = files[name].replace(old, new, 1)
    return files


TREES = [
    ("in step", tree(), 0, ""),
    ("a range changed", tree((LISTS.format("fields"), "MUST, 0, 30,", "MUST, 0, 31,")), 1, "run it"),
    ("a reason reworded", tree((LISTS.format("reasons"), '"准予"', '"同意"')), 1, "run it"),
    ("a page edited by hand", tree((PAGE, "## unset", "## Unset")), 1, "run it"),
]

if __name__ == "__main__":
    main(check, TREES)
