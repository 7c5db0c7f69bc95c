#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the table of texts: gen_locale.py OUT_INC FOLDER_ZH FOLDER_EN FILE...

The files are *.po of both folders, one of the same name in each. A msgid is a key. It is an error when a
key stands in one language only, twice, without a text, with other {placeholders}, or when a Chinese
text has half-width punctuation beside Hanzi.
"""
import os
import re
import sys

KEY = re.compile(r"[a-z0-9_.]+\Z")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;()?!]|[,:;()?!][\u4e00-\u9fff]")


class Bad(Exception):
    pass


def unquote(where, text):
    if not re.match(r'"(?:[^"\\]|\\["\\n])*"\Z', text):
        raise Bad(f"{where}: not a quoted text")
    return text[1:-1].replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def read_po(path):
    found, key, last = {}, None, None
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            where, line = f"{path}:{n}", line.strip()
            if not line or line.startswith("#"):
                continue
            word, _, rest = line.partition(" ")
            if word == "msgid":
                key, last = unquote(where, rest), "msgid"
            elif word == "msgstr" and key is not None:
                if key and (not KEY.match(key) or key in found):
                    raise Bad(f"{where}: key {key!r} is malformed or comes twice")
                found[key], last = unquote(where, rest), "msgstr"
            elif line.startswith('"') and last == "msgstr":
                found[key] += unquote(where, line)
            else:
                raise Bad(f"{where}: expected msgid or msgstr")
    found.pop("", None)
    for k, text in found.items():
        if not text:
            raise Bad(f"{path}: {k} has no text")
    return found


def read_language(folder, paths):
    out = {}
    for path in paths:
        if os.path.dirname(os.path.abspath(path)) != os.path.abspath(folder):
            continue
        for k, text in read_po(path).items():
            if k in out:
                raise Bad(f"{path}: {k} stands in another file too")
            out[k] = text
    return out


def check(zh, en):
    for k in sorted(zh.keys() ^ en.keys()):
        raise Bad(f"{k} stands in one language only")
    for k in zh:
        holes = [sorted(re.findall(r"\{[\w.]+\}", t[k])) for t in (zh, en)]
        if holes[0] != holes[1]:
            raise Bad(f"{k}: the placeholders differ")
        if HALF_WIDTH.search(zh[k]):
            raise Bad(f"{k}: half-width punctuation beside Hanzi: {zh[k]}")


def c_text(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main(args):
    if len(args) < 5:
        raise Bad(__doc__)
    zh, en = read_language(args[1], args[3:]), read_language(args[2], args[3:])
    check(zh, en)
    with open(args[0], "w", encoding="utf-8") as out:
        out.write("/* Made from locale/ by tools/gen_locale.py. */\nstatic const locale_text locale_texts[] = {\n")
        for k in sorted(zh, key=lambda k: k.encode()):
            out.write(f'    {{"{k}", {{{c_text(zh[k])}, {c_text(en[k])}}}}},\n')
        out.write("};\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Bad as e:
        sys.exit(f"gen_locale: {e}")
