# SPDX-License-Identifier: Apache-2.0
"""What the checks of this folder share: the files to look at, C without its comments and strings,
and the planted-defect self-test.

A check is a function from the root of a tree to a list of findings ("file:line: what, and how to
mend it"). Its self-test names small trees: for each, how many findings it must give.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

TOKEN = re.compile(
    r'(?P<comment>/\*.*?\*/|//[^\n]*)'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>'(?:\\.|[^'\\\n])+')",
    re.S)


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """The same text, line for line and column for column, with comments blank."""
    return TOKEN.sub(lambda m: _spaces(m[0]) if m["comment"] else m[0], text)


def code_only(text):
    """As above, with the insides of strings and characters blank too."""
    return TOKEN.sub(
        lambda m: _spaces(m[0]) if m["comment"] else m[0][0] + _spaces(m[0][1:-1]) + m[0][-1], text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def project_files(root, *folders, suffixes=None):
    """Files of the project below the folders (all, if none is named): what git knows or would add,
    and everything where there is no git, as in a released archive."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        names = [str(p.relative_to(root)) for p in pathlib.Path(root).rglob("*") if p.is_file()]
    for name in sorted(set(names)):
        path = pathlib.Path(root, name)
        if folders and not name.startswith(tuple(f"{f}/" for f in folders)):
            continue
        if suffixes and path.suffix not in suffixes:
            continue
        if path.is_file():
            yield name, path


def self_test(check, trees):
    """trees: list of (what, {file name: text}, findings expected, word each finding contains)."""
    failures = 0
    for what, files, expected, word in trees:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            findings = check(pathlib.Path(folder))
        if len(findings) != expected or not all(word in finding for finding in findings):
            failures += 1
            print(f"self-test '{what}': expected {expected} with '{word}', found {findings}")
    return failures


def main(check, trees):
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(1 if self_test(check, trees) else 0)
    findings = check(pathlib.Path(__file__).resolve().parent.parent)
    for finding in findings:
        print(finding)
    sys.exit(3 if findings else 0)
