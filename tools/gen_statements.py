#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes C tables from the lists that say what the database holds.

  gen_statements.py audited AUDITED_DEF OUT_H OUT_INC
      the audited tables and columns as enums (T_*, C_*) and initialisers.
  gen_statements.py statements AUDITED_DEF OUT_H OUT_INC SQL...
      every named statement as an enum (STMT_*) and a table with its text for each engine. The audited
      tables bring STMT_ROW_<TABLE>_GET, _ADD, _PUT, _PAGE in a run of four each, then all _MAX, then a
      _SET_<COLUMN> for each column.
  gen_statements.py migrations OUT_INC SQL...
      the migrations, statement by statement, for each engine.
  gen_statements.py ddl AUDITED_DEF
      prints CREATE TABLE for each audited table: what a new migration starts from.

A statement file holds blocks, parameters are ?1..?n, `CAST(x AS INTEGER)` becomes BIGINT:
  -- name: claim_lock mode: read roles: reviewer1 reviewer2
  SELECT state FROM claim WHERE id = ?1
  -- pg: FOR UPDATE            (added on PostgreSQL inside a WRITE transaction)
  -- name: claim_lock engine: pg    (a whole text for one engine; alone: that engine's statement only)

A migration holds statements with a blank line between them, below `-- engine: sqlite|pg|both`. Text
for both is written for SQLite and translated once: INTEGER is BIGINT, BLOB is BYTEA, TEXT sorts by
bytes, STRICT and WITHOUT ROWID fall away.
"""
import hashlib
import os
import re
import sys

TEXT_MAX = 4095  # longest string literal ISO C promises
ARGS_MAX = 48    # STORE_ARGS_MAX of store.h
COLS_MAX = 40    # AUDITED_COLS_MAX of audited.h
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
ENGINES = ("sqlite", "pg")


class Bad(Exception):
    pass


def bad(path, line, text):
    raise Bad(f"{path}:{line}: {text}")


# --- the audited list ------------------------------------------------------------------------------

def read_audited(path):
    tables = []
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            if words == ["end"]:
                break
            if words[0] == "table":
                if len(words) not in (2, 3) or (len(words) == 3 and words[2] != "private"):
                    bad(path, n, "a table line is `table NAME [private]`")
                if not NAME.match(words[1]) or words[1] in (t["name"] for t in tables):
                    bad(path, n, f"table name {words[1]!r} is malformed or repeated")
                tables.append({"name": words[1], "private": len(words) == 3, "cols": []})
                continue
            if not tables:
                bad(path, n, "a column stands before the first table")
            states = None
            if len(words) == 3 and words[2].startswith("state="):
                states = words[2][6:]
            elif len(words) != 2:
                bad(path, n, "a column line is `NAME int|text [state=TABLE]`")
            name, kind = words[:2]
            cols = tables[-1]["cols"]
            if not NAME.match(name) or name == "id" or name in (c["name"] for c in cols):
                bad(path, n, f"column name {name!r} is malformed or repeated")
            if kind not in ("int", "text") or (states and kind != "text"):
                bad(path, n, "a column is `int` or `text`; a state is text")
            cols.append({"name": name, "text": kind == "text", "states": states})
        else:
            bad(path, n, "the list does not end with `end`")
    for t in tables:
        if not 1 <= len(t["cols"]) <= COLS_MAX:
            raise Bad(f"{path}: table {t['name']} has {len(t['cols'])} columns, not 1..{COLS_MAX}")
    return tables


def audited_header(tables):
    out = ["/* Made from audited.def by tools/gen_statements.py. */",
           "#ifndef TQ_AUDITED_GEN_H", "#define TQ_AUDITED_GEN_H", "", "typedef enum audited_table {"]
    out += [f"    T_{t['name'].upper()}," for t in tables]
    out += ["    T_COUNT", "} audited_table;", "", "typedef enum audited_col {"]
    out += [f"    C_{t['name'].upper()}_{c['name'].upper()}," for t in tables for c in t["cols"]]
    out += ["    C_COUNT", "} audited_col;", "", "#endif", ""]
    return "\n".join(out)


def audited_inc(tables):
    out = ["/* Made from audited.def by tools/gen_statements.py. */",
           "static const audited_table_info audited_tables[T_COUNT] = {"]
    for t in tables:
        up = t["name"].upper()
        first = f"C_{up}_{t['cols'][0]['name'].upper()}"
        out.append(f"    [T_{up}] = {{\"{t['name']}\", {str(t['private']).lower()}, {first}, "
                   f"{len(t['cols'])}}},")
    out += ["};", "", "static const audited_col_info audited_cols[C_COUNT] = {"]
    for t in tables:
        for c in t["cols"]:
            states = f"\"{c['states']}\"" if c["states"] else "NULL"
            out.append(f"    [C_{t['name'].upper()}_{c['name'].upper()}] = {{\"{c['name']}\", "
                       f"{str(c['text']).lower()}, T_{t['name'].upper()}, {states}}},")
    out += ["};", ""]
    return "\n".join(out)


def ddl(tables):
    for t in tables:
        cols = ["    id INTEGER PRIMARY KEY"]
        for c in t["cols"]:
            kind = "TEXT NOT NULL DEFAULT ''" if c["text"] else "INTEGER NOT NULL DEFAULT 0"
            cols.append(f"    {c['name']} {kind}")
        print(f"CREATE TABLE {t['name']} (\n" + ",\n".join(cols) + "\n) STRICT;\n")


# --- statements ------------------------------------------------------------------------------------

def pieces(sql):
    """Splits into (is_literal, text), so that translation leaves quoted text alone."""
    return [(i % 2 == 1, part) for i, part in enumerate(re.split(r"('(?:[^']|'')*')", sql))]


def sql_to_pg(sql):
    out = []
    for literal, part in pieces(sql):
        if not literal:
            part = re.sub(r"\?(\d+)", r"$\1", part)
            part = re.sub(r"\bAS INTEGER\b", "AS BIGINT", part)
            part = re.sub(r"\bAS BLOB\b", "AS BYTEA", part)
        out.append(part)
    return "".join(out)


def count_args(where, sql):
    used = set()
    for literal, part in pieces(sql):
        if literal:
            continue
        if re.search(r"\?(?!\d)|\$\d|[;\"]", part):
            raise Bad(f"{where}: write parameters as ?1, one statement, no quoted names")
        used |= {int(n) for n in re.findall(r"\?(\d+)", part)}
    if used != set(range(1, len(used) + 1)) or len(used) > ARGS_MAX:
        raise Bad(f"{where}: parameters are ?1..?n without a gap, n at most {ARGS_MAX}")
    return len(used)


def read_blocks(path):
    """Yields (line, name, engine or None, mode or None, sql, pg suffix)."""
    block = None
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.rstrip()
            head = re.match(r"-- name: (\S+)(.*)\Z", line)
            if head:
                if block:
                    yield block
                marks = dict(re.findall(r" (engine|mode|roles): ([a-z0-9_ ]+?)(?= \w+:|\Z)", head[2]))
                if (not NAME.match(head[1]) or marks.get("engine", "pg") not in ENGINES
                        or marks.get("mode", "read") not in ("read", "write")
                        or "".join(f" {k}: {v}" for k, v in marks.items()) != head[2]):
                    bad(path, n, "write `-- name: NAME [mode: read|write] [engine: E] [roles: ...]`")
                block = [n, head[1], marks.get("engine"), marks.get("mode"), [], ""]
            elif line.startswith("-- pg: "):
                if not block:
                    bad(path, n, "`-- pg:` stands outside a block")
                block[5] = " " + line[7:].strip()
            elif line.startswith("--") or not line:
                continue
            elif not block:
                bad(path, n, "SQL stands before the first `-- name:`")
            else:
                block[4].append(line.strip())
    if block:
        yield block


def read_statements(paths):
    found = {}
    for path in paths:
        for n, name, engine, mode, lines, suffix in read_blocks(path):
            where = f"{path}:{n}"
            sql = " ".join(lines)
            if not sql:
                bad(path, n, f"{name} has no text")
            st = found.setdefault(name, {"name": name, "mode": None, "suffix": "", "text": {}})
            if engine in st["text"] or (engine is None and None in st["text"]):
                bad(path, n, f"{name} is given twice")
            if name.startswith("row_"):
                bad(path, n, "names beginning with row_ belong to the audited tables")
            if mode and st["mode"] and mode != st["mode"]:
                bad(path, n, f"{name} has two modes")
            st["mode"] = st["mode"] or mode
            st["suffix"] = st["suffix"] or suffix
            st["text"][engine] = (sql, count_args(where, sql))
    out = []
    for st in found.values():
        if not st["mode"]:
            raise Bad(f"statement {st['name']} has no mode")
        counts = {n for _, n in st["text"].values()}
        if len(counts) != 1:
            raise Bad(f"statement {st['name']} takes other parameters on another engine")
        texts = {e: st["text"].get(e, st["text"].get(None, (None,)))[0] for e in ENGINES}
        out.append({"name": st["name"], "mode": st["mode"], "suffix": st["suffix"],
                    "sqlite": texts["sqlite"], "pg": texts["pg"], "args": counts.pop()})
    return out


def row_statement(table, verb, mode, sql, args, suffix=""):
    return {"name": f"row_{table}_{verb}", "mode": mode, "suffix": suffix, "sqlite": sql, "pg": sql,
            "args": args}


def row_statements(tables):
    for t in tables:
        name, cols = t["name"], [c["name"] for c in t["cols"]]
        names = ", ".join(cols)
        marks = ", ".join(f"?{i}" for i in range(1, len(cols) + 2))
        sets = ", ".join(f"{c} = ?{i}" for i, c in enumerate(cols, 2))
        yield row_statement(name, "get", "read", f"SELECT {names} FROM {name} WHERE id = ?1", 1,
                            " FOR UPDATE")
        yield row_statement(name, "add", "write",
                            f"INSERT INTO {name} (id, {names}) VALUES ({marks})", len(cols) + 1)
        yield row_statement(name, "put", "write", f"UPDATE {name} SET {sets} WHERE id = ?1",
                            len(cols) + 1)
        yield row_statement(name, "page", "read", f"SELECT id, {names} FROM {name} WHERE id > ?1 "
                            "ORDER BY id LIMIT ?2", 2)
    for t in tables:
        yield row_statement(t["name"], "max", "read",
                            f"SELECT COALESCE(MAX(id), 0) FROM {t['name']}", 0)
    for t in tables:
        for c in t["cols"]:
            yield row_statement(t["name"], f"set_{c['name']}", "write",
                                f"UPDATE {t['name']} SET {c['name']} = ?2 WHERE id = ?1", 2)


def c_string(text, indent="     "):
    """A C literal, broken into lines of at most about 90 columns."""
    if text is None:
        return "NULL"
    if len(text.encode()) > TEXT_MAX:
        raise Bad(f"text of {len(text)} characters is longer than {TEXT_MAX}: {text[:60]}...")
    parts = re.findall(r".{1,80}(?:\s|\Z)|\S{81,}\s?", text, re.S) or [""]
    if "".join(parts) != text:
        raise Bad(f"cannot break the text {text[:60]}...")
    quote = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    return ("\n" + indent).join('"' + "".join(quote.get(ch, ch) for ch in p) + '"' for p in parts)


def statements_header(statements):
    out = ["/* Made from sql/ and audited.def by tools/gen_statements.py. */",
           "#ifndef TQ_STATEMENTS_GEN_H", "#define TQ_STATEMENTS_GEN_H", "", "typedef enum store_stmt {"]
    out += [f"    STMT_{st['name'].upper()}," for st in statements]
    first = {v: next(st["name"] for st in statements if st["name"].endswith(v)) for v in ("_get", "_max")}
    column = next(st["name"] for st in statements if re.match(r"row_\w+_set_", st["name"]))
    out += ["    STMT_COUNT", "} store_stmt;", "",
            "/* The statements of an audited table by its number (enum audited_table). */"]
    for k, verb in enumerate(("GET", "ADD", "PUT", "PAGE")):
        out.append(f"#define STMT_ROW_{verb}(table) "
                   f"((store_stmt)((int)STMT_{first['_get'].upper()} + 4 * (int)(table) + {k}))")
    out += [f"#define STMT_ROW_MAX(table) ((store_stmt)((int)STMT_{first['_max'].upper()} + (int)(table)))",
            "/* Changes one audited column (enum audited_col). */",
            f"#define STMT_COL_PUT(col) ((store_stmt)((int)STMT_{column.upper()} + (int)(col)))",
            "", "#endif", ""]
    return "\n".join(out)


def statements_inc(statements):
    out = ["/* Made from sql/ and audited.def by tools/gen_statements.py. */",
           "static const store_statement statements[STMT_COUNT] = {"]
    for st in statements:
        pg = None if st["pg"] is None else sql_to_pg(st["pg"])
        out += [f"    [STMT_{st['name'].upper()}] =",
                f"    {{\"{st['name']}\", {str(st['mode'] == 'write').lower()}, {st['args']},",
                f"     {c_string(st['sqlite'])},", f"     {c_string(pg)},",
                f"     \"{st['suffix']}\"}},"]
    out += ["};", ""]
    return "\n".join(out)


# --- migrations ------------------------------------------------------------------------------------

def ddl_to_pg(sql):
    out = []
    for literal, part in pieces(sql):
        if not literal:
            part = re.sub(r"\bINTEGER\b", "BIGINT", part)
            part = re.sub(r"\bBLOB\b", "BYTEA", part)
            part = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', part)
            part = re.sub(r"\) STRICT(?:, WITHOUT ROWID)?;\Z", ");", part)
        out.append(part)
    return "".join(out)


def read_migration(path):
    name = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", os.path.basename(path))
    if not name:
        raise Bad(f"{path}: a migration is called NNNN_word.sql")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    out = {"sqlite": [], "pg": []}
    engine = None
    for chunk in re.split(r"\n\s*\n", text):
        lines = []
        for line in chunk.splitlines():
            mark = re.fullmatch(r"-- engine: (sqlite|pg|both)", line.strip())
            if mark:
                engine = mark[1]
            elif not line.lstrip().startswith("--"):
                lines.append(re.sub(r"\s+--\s.*\Z", "", line).rstrip())
        sql = "\n".join(line for line in lines if line)
        if not sql:
            continue
        if engine is None or not sql.endswith(";"):
            raise Bad(f"{path}: below `-- engine:`, each statement ends in `;`: {sql[:60]}")
        if engine in ("sqlite", "both"):
            out["sqlite"].append(sql)
        if engine in ("pg", "both"):
            out["pg"].append(ddl_to_pg(sql) if engine == "both" else sql)
    return {"version": int(name[1]), "name": name[2], "text": out,
            "sha256": hashlib.sha256(text.encode()).hexdigest()}


def migrations_inc(paths):
    steps = sorted((read_migration(p) for p in paths), key=lambda m: m["version"])
    if [m["version"] for m in steps] != list(range(1, len(steps) + 1)):
        raise Bad("migrations are numbered 0001, 0002, ... without a gap")
    out = ["/* Made from the migrations by tools/gen_statements.py. */"]
    for m in steps:
        for e in ENGINES:
            out.append(f"static const char *const migration_{m['version']}_{e}[] = {{")
            out += [f"    {c_string(sql, '    ')}," for sql in m["text"][e]]
            out += ["    NULL,", "};", ""]
    out.append("static const migration migrations[] = {")
    for m in steps:
        v = m["version"]
        out += [f"    {{{v}, \"{m['name']}\",", f"     \"{m['sha256']}\",",
                f"     {{migration_{v}_sqlite, migration_{v}_pg}}}},"]
    out += ["};", ""]
    return "\n".join(out)


# --- command ---------------------------------------------------------------------------------------

def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main(args):
    if len(args) == 4 and args[0] == "audited":
        tables = read_audited(args[1])
        write(args[2], audited_header(tables))
        write(args[3], audited_inc(tables))
    elif len(args) >= 5 and args[0] == "statements":
        statements = [*row_statements(read_audited(args[1])), *read_statements(args[4:])]
        write(args[2], statements_header(statements))
        write(args[3], statements_inc(statements))
    elif len(args) >= 3 and args[0] == "migrations":
        write(args[1], migrations_inc(args[2:]))
    elif len(args) == 2 and args[0] == "ddl":
        ddl(read_audited(args[1]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Bad as e:
        print(f"gen_statements: {e}", file=sys.stderr)
        sys.exit(1)
