#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts files into the program.

embed.py OUT_INC FILE...
    one row a file, {"base name", bytes, length}, for an array of struct embedded_file

embed.py --assets OUT_INC MANIFEST FILE...
    rows of struct embedded_asset: name, name with a hash of the content (so that a browser may keep it
    for a year), bytes, and the same packed by gzip where that is smaller. url(NAME) in a style sheet is
    given the hashed name. MANIFEST gets a line "NAME HASHED" for each.

embed.py --templates OUT_INC MANIFEST FILE...
    as the first, with each /assets/NAME replaced by the hashed one; an unknown NAME is an error
"""
import gzip
import hashlib
import os
import re
import sys


def read(path):
    with open(path, "rb") as f:
        return f.read()


def c_bytes(out, name, data):
    out.write(f"static const unsigned char {name}[] = {{")
    for i, byte in enumerate(data):
        out.write(("\n    " if i % 16 == 0 else " ") + f"{byte},")
    out.write("\n};\n")


def rows(out, files):
    """The plain array: files is [(name, bytes)]."""
    for n, (_, data) in enumerate(files):
        c_bytes(out, f"embedded_{n}", data)
    out.write("static const embedded_file embedded_files[] = {\n")
    for n, (name, _) in enumerate(files):
        out.write(f'    {{"{name}", embedded_{n}, sizeof embedded_{n}}},\n')
    out.write("};\n")


def hashed(name, data):
    stem, tail = os.path.splitext(name)
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}{tail}"


def assets(out, manifest_path, paths):
    names = {}
    found = []
    # Style sheets last: they name the pictures.
    for path in sorted(paths, key=lambda p: (p.endswith(".css"), os.path.basename(p))):
        name, data = os.path.basename(path), read(path)
        if name.endswith(".css"):
            # The source map stays behind: it is not served.
            data = re.sub(rb"/\*# sourceMappingURL=[^*]*\*/\s*\Z", b"", data)
            data = re.sub(rb"url\(([a-z0-9-]+\.svg)\)",
                          lambda m: b"url(" + names[m.group(1).decode()].encode() + b")", data)
        if name in names:
            sys.exit(f"embed.py: two assets are called {name}")
        names[name] = hashed(name, data)
        packed = gzip.compress(data, 9, mtime=0)
        found.append((name, data, packed if len(packed) < len(data) else b""))
    for n, (_, data, packed) in enumerate(found):
        c_bytes(out, f"asset_{n}", data)
        if packed:
            c_bytes(out, f"asset_{n}_gz", packed)
    out.write("static const embedded_asset embedded_assets[] = {\n")
    for n, (name, _, packed) in enumerate(found):
        gz = f"asset_{n}_gz, sizeof asset_{n}_gz" if packed else "NULL, 0"
        out.write(f'    {{"{name}", "{names[name]}", asset_{n}, sizeof asset_{n}, {gz}}},\n')
    out.write("};\n")
    with open(manifest_path, "w", encoding="ascii") as f:
        f.writelines(f"{name} {names[name]}\n" for name in sorted(names))


def templates(out, manifest_path, paths):
    names = dict(line.split() for line in read(manifest_path).decode().splitlines())

    def renamed(path):
        def one(match):
            name = match.group(1).decode()
            if name not in names:
                sys.exit(f"embed.py: {path}: there is no asset {name}")
            return b"/assets/" + names[name].encode()
        return re.sub(rb"/assets/([a-z0-9.-]+\.[a-z0-9]+)", one, read(path))

    rows(out, [(os.path.basename(p), renamed(p)) for p in paths])


def main(argv):
    if len(argv) > 3 and argv[1] in ("--assets", "--templates"):
        make = assets if argv[1] == "--assets" else templates
        with open(argv[2], "w", encoding="ascii") as out:
            out.write("/* Made by tools/embed.py. */\n")
            make(out, argv[3], argv[4:])
    elif len(argv) > 2:
        with open(argv[1], "w", encoding="ascii") as out:
            out.write("/* Made by tools/embed.py. */\n")
            rows(out, [(os.path.basename(p), read(p)) for p in argv[2:]])
    else:
        sys.exit(__doc__)


main(sys.argv)
