#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts files into the program: embed.py OUT_INC FILE...

Writes one row a file, {"base name", bytes, length}, for an array of struct embedded_file.
"""
import os
import sys

if len(sys.argv) < 3:
    sys.exit(__doc__)
with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write("/* Made by tools/embed.py. */\n")
    for n, path in enumerate(sys.argv[2:]):
        with open(path, "rb") as f:
            data = f.read()
        out.write(f"static const unsigned char embedded_{n}[] = {{")
        for i, byte in enumerate(data):
            out.write(("\n    " if i % 16 == 0 else " ") + f"{byte},")
        out.write("\n};\n")
    out.write("static const embedded_file embedded_files[] = {\n")
    for n, path in enumerate(sys.argv[2:]):
        out.write(f'    {{"{os.path.basename(path)}", embedded_{n}, sizeof embedded_{n}}},\n')
    out.write("};\n")
