#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the icons that the pages use into one file: icons.py OUT_SVG FOLDER SOURCE...

FOLDER holds Tabler's outline icons, one NAME.svg each. Sources say which are used: a template by
icons.svg#NAME, a routes.def by the last word of a LIST or PAGE row, a C file by ICON("NAME").
A name that the folder has not ends the build. Symbols tone-X are the pictures of coloured tags.
"""
import os
import re
import sys

# Colour alone must not carry a meaning: each tone has its picture.
TONES = {
    "tone-g": "circle-check",
    "tone-o": "clock",
    "tone-r": "circle-x",
    "tone-b": "circle-dot",
    "tone-n": "circle",
    "tone-y": "speakerphone",
}
ROW = re.compile(r'^(?:LIST|PAGE)\((?:[^()]|\([^()]*\))*"([a-z0-9-]+)"\)', re.M)


def names_in(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    if path.endswith(".def"):
        return ROW.findall(text)
    if path.endswith(".c"):
        return re.findall(r'\bICON\("([a-z0-9-]+)"\)', text)
    return re.findall(r"icons\.svg#([a-z0-9-]+)[\"']", text)


def symbol(folder, name, where):
    picture = TONES.get(name, name)
    try:
        with open(os.path.join(folder, picture + ".svg"), encoding="utf-8") as f:
            text = f.read()
    except FileNotFoundError:
        sys.exit(f"icons.py: {where}: there is no icon {picture}")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", text, re.S).group(1)
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    inner = re.sub(r"\s+", " ", inner).replace(" />", "/>").replace("> <", "><").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


def main(argv):
    if len(argv) < 4:
        sys.exit(__doc__)
    out, folder, sources = argv[1], argv[2], argv[3:]
    used = {name: "TONES" for name in TONES}
    for path in sources:
        for name in names_in(path):
            used.setdefault(name, path)
    with open(out, "w", encoding="utf-8") as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg">')
        f.writelines(symbol(folder, name, used[name]) for name in sorted(used))
        f.write("</svg>\n")


main(sys.argv)
