#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes statements and C tables from the views: what people and programs may read, said once.

  gen_views.py sql OUT_SQL VIEW...       the statements, as a file for gen_statements.py
  gen_views.py table OUT_H OUT_INC VIEW...  enum VIEW_* and the tables of app/view.h

A view file holds views; a line that begins with blanks goes on with the line above:
  view claim                        its name; the address word of the resource is the route's
  from claim c JOIN ...             tables; the first alias with .id is the row
  programme c.programme_id          absent: rows of the installation, every programme sees them
  org c.holder_id = ?s OR ...       rows that an organisation's agents see; absent: none
  place h.place_id = ?s             rows that a township sees; absent: none
  public c.state = 'published'      rows that everybody sees; absent: none
  inspected c.holder_id             whose firm it is: inspectors see those of their open tasks
  bureau q.person_id = ?s           rows that a linked bureau sees; ?s is the person; absent: the programme's
  watch p.subject_id <> ?s          rows that a supervisor sees; ?s is the person; absent: the programme's
  reads claim                       who of the staff opens a row, the list or its export is recorded, as a
                                    reading of this audited table (app/reading.h)
  inspector i.first_id = ?s         rows that an inspector sees beside these and the public ones; ?s is the person
  where c.closed = 0                rows that belong to the view at all
  state c.state                     the column of the filter `state`
  search c.number h.name            columns of the filter `q`
  period paid c.paid_day            a day of the row by which its lists can be kept to a period: `on` paid,
                                    `from`, `to`; as many as there are lines
  by voucher c.voucher_id           makes the view a child of another: rows of one voucher; `?1` stands
                                    for its id, `= ?1` is added where it does not. A view with `by` and
                                    none of programme, org, place, public is a child only: no list
  children claim_line evidence      views listed on the page of one row
  title number holder               fields that name a row in a choice
  order asc                         oldest first (default: newest first)
  staff                             as a child, shown to those who read the programme only
  staff unit_id                     and to the township that this field of the parent names
  field|detail|hidden NAME TYPE EXPRESSION [-> VIEW NAME_OF_ID_FIELD]
      field: in lists and on the page; detail: on the page; hidden: for programs only.
      TYPE: id int money day instant bps bool text code line token:SET state:TABLE
      The first field is `id`. A text that ends in `-> holder_id organisation` links there.
"""
import re
import sys

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
TYPES = {"id", "int", "money", "day", "instant", "bps", "bool", "text", "code", "line"}
CHILD_ROWS_MAX = 500
COUNT_MAX = 10000  # VIEW_COUNT_MAX: people want to know how many, nobody waits for a million to be counted


class Bad(Exception):
    pass


def logical_lines(path):
    out = []
    with open(path, encoding="utf-8") as f:
        for n, raw in enumerate(f, 1):
            text = raw.split("#")[0].rstrip()
            if not text:
                continue
            if text[0] in " \t":
                if not out:
                    raise Bad(f"{path}:{n}: nothing to go on with")
                out[-1][1] += " " + text.strip()
            else:
                out.append([n, text])
    return out


def field_of(where, kind, rest):
    m = re.match(r"(\w+)\s+(\S+)\s+(.*?)(?:\s+->\s+(\w+)\s+(\w+))?$", rest)
    if not m:
        raise Bad(f"{where}: a field is NAME TYPE EXPRESSION [-> ID_FIELD VIEW]")
    name, type_, expr, id_field, link = m.groups()
    base, _, of = type_.partition(":")
    if base not in TYPES and not (base in ("token", "state") and of):
        raise Bad(f"{where}: no such type {type_!r}")
    return {"name": name, "type": base, "of": of, "expr": expr, "id_field": id_field, "link": link,
            "show": kind}


def read_views(paths):
    views = []
    for path in paths:
        for n, text in logical_lines(path):
            where = f"{path}:{n}"
            word, _, rest = text.partition(" ")
            rest = rest.strip()
            if word == "view":
                if not NAME.match(rest) or rest in (v["name"] for v in views):
                    raise Bad(f"{where}: view name {rest!r} is malformed or repeated")
                views.append({"name": rest, "where_": where, "fields": [], "by": [], "children": [],
                              "title": [], "search": [], "order": "desc", "staff": False, "own": "", "periods": []})
                continue
            if not views:
                raise Bad(f"{where}: a line stands before the first view")
            v = views[-1]
            if word in ("field", "detail", "hidden"):
                v["fields"].append(field_of(where, word, rest))
            elif word == "by":
                parent, _, expr = rest.partition(" ")
                v["by"].append((parent, expr.strip()))
            elif word == "staff":
                v["staff"] = True
                v["own"] = rest
            elif word == "period":
                name, _, expr = rest.partition(" ")
                v["periods"].append((name, expr.strip()))
            elif word in ("children", "title", "search"):
                v[word] += rest.split()
            elif word in ("from", "programme", "org", "place", "public", "bureau", "watch", "reads", "inspected",
                          "inspector", "where", "state", "order"):
                if word in v and word != "order":
                    raise Bad(f"{where}: {word} is said twice")
                v[word] = rest
            else:
                raise Bad(f"{where}: no such line: {word}")
    for v in views:
        check_view(v, views)
    return views


def check_view(v, views):
    where, names = v["where_"], [f["name"] for f in v["fields"]]
    if "from" not in v or not names or names[0] != "id" or v["fields"][0]["type"] != "id":
        raise Bad(f"{where}: a view has `from` and begins with the field `id`")
    if len(set(names)) != len(names):
        raise Bad(f"{where}: a field comes twice")
    known = {w["name"]: w for w in views}
    for f in v["fields"]:
        if f["link"] and (f["link"] not in known or f["id_field"] not in names):
            raise Bad(f"{where}: field {f['name']} links to what is not there")
    for child in v["children"]:
        if child not in known or v["name"] not in (p for p, _ in known[child]["by"]):
            raise Bad(f"{where}: child {child} is no view `by {v['name']}`")
    for t in v["title"]:
        if t not in names:
            raise Bad(f"{where}: title names no field: {t}")


# --- statements ------------------------------------------------------------------------------------

SCOPES = ("programme", "org", "place", "public", "inspector", "bureau", "watch")
LENT = ("bureau", "watch")  # read what the programme reads, but where the view says what is theirs
# Firms whose inspection is in hand of the person ?s: nothing more of the county is their business.
INSPECTS = ("{} IN (SELECT task.org_id FROM inspection task WHERE task.state IN ('assigned', 'visited', 'signed', 'replied') "
            "AND (task.first_id = ?s OR task.second_id = ?s))")


def inspector_sees(v):
    parts = [v["public"]] if "public" in v else []
    parts += [INSPECTS.format(v["inspected"])] if "inspected" in v else []
    parts += [v["inspector"]] if "inspector" in v else []
    return "(" + ") OR (".join(parts) + ")" if parts else None


def has_scope(v, scope):
    child_only = v["by"] and not any(s in v for s in SCOPES + ("inspected",))
    if scope == "inspector":
        return inspector_sees(v) is not None
    return scope in v or (scope == "programme" and not child_only)


def like(v):
    joined = " || ' ' || ".join(v["search"]) if v["search"] else "''"
    return f"lower({joined}) LIKE ?N ESCAPE '\\'"


def base_where(v):
    return f" AND ({v['where']})" if "where" in v else ""


def programme_is(v, plus=""):
    """A unary plus keeps the column out of the choice of an index."""
    return f"{plus}{v['programme']} = ?1" if "programme" in v else "?1 >= 0"


def filters(v, scope, first, by_state):
    """Conditions of list and count; parameters from ?first: state, like, [on, from, to], [scope]. A list without a state
    walks the rows by id; one of a state uses the index of programme and state where there is one."""
    state = v.get("state")
    if by_state:
        text = programme_is(v) + base_where(v) + f" AND {state} = ?{first}"
    else:
        text = programme_is(v, "+") + base_where(v) + f" AND ?{first} = ''"
    text += f" AND (?{first + 1} = '' OR " + like(v).replace("?N", f"?{first + 1}") + ")"
    if v["periods"]:
        days = " ".join(f"WHEN '{name}' THEN {expr}" for name, expr in v["periods"])
        text += f" AND (?{first + 2} = '' OR CASE ?{first + 2} {days} ELSE -1 END BETWEEN ?{first + 3} AND ?{first + 4})"
        first += 3
    if scope in ("org", "place"):
        text += " AND (" + v[scope].replace("?s", f"?{first + 2}") + ")"
    elif scope == "public":
        text += " AND (" + v["public"] + ")"
    elif scope in LENT:
        text += f" AND ?{first + 2} <> 0 AND (" + v[scope].replace("?s", f"?{first + 2}") + ")"
    elif scope == "inspector":
        text += f" AND ?{first + 2} <> 0 AND (" + inspector_sees(v).replace("?s", f"?{first + 2}") + ")"
    return text


def select(v):
    return "SELECT " + ", ".join(f["expr"] for f in v["fields"]) + f"\nFROM {v['from']}\nWHERE "


def statements(v):
    name, key = v["name"], v["fields"][0]["expr"]
    way, edge = ("", ">") if v["order"] == "asc" else (" DESC", "<")
    out = []
    for scope in SCOPES:
        if not has_scope(v, scope):
            continue
        for kind, by_state in (("", False), ("_state", True)):
            if by_state and "state" not in v:
                continue
            out.append(f"-- name: view_{name}_list{kind}_{scope} mode: read\n{select(v)}"
                       f"(?2 = 0 OR {key} {edge} ?2) AND {filters(v, scope, 4, by_state)}\n"
                       f"ORDER BY {key}{way} LIMIT ?3")
            out.append(f"-- name: view_{name}_count{kind}_{scope} mode: read\nSELECT COUNT(*) FROM (SELECT 1\n"
                       f"FROM {v['from']}\nWHERE {filters(v, scope, 2, by_state)} LIMIT {COUNT_MAX + 1}) AS t")
    seen = programme_is(v) + base_where(v) + f" AND {key} = ?5"
    for n, scope in ((2, "org"), (3, "place"), (4, "public")):
        cond = v[scope].replace("?s", f"?{n}") if scope in v else None
        seen += f" AND (?{n} = 0" + (f" OR ({cond}))" if cond else ")")
    tasks = inspector_sees(v)
    seen += " AND (?6 = 0" + (f" OR ({tasks.replace('?s', '?6')}))" if tasks else ")")
    for n, scope in ((7, "bureau"), (8, "watch")):
        seen += f" AND (?{n} = 0" + (f" OR ({v[scope].replace('?s', f'?{n}')}))" if scope in v else f" OR ?{n} > 0)")
    out.append(f"-- name: view_{name}_one mode: read\n{select(v)}{seen}")
    for parent, expr in v["by"]:
        of = expr if "?1" in expr else f"{expr} = ?1"
        out.append(f"-- name: view_{name}_by_{parent} mode: read\n{select(v)}{of}{base_where(v)}\n"
                   f"ORDER BY {key} LIMIT {CHILD_ROWS_MAX + 1}")
    return out


# --- tables ----------------------------------------------------------------------------------------

def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text else "NULL"


def table(views):
    out = ["/* Made from src/store/views by tools/gen_views.py. */"]
    for v in views:
        names = [f["name"] for f in v["fields"]]
        out.append(f"static const view_field fields_{v['name']}[] = {{")
        for f in v["fields"]:
            link = f"VIEW_{f['link'].upper()}" if f["link"] else "VIEW_NONE"
            at = names.index(f["id_field"]) if f["link"] else 0
            out.append(f"    {{{quote(f['name'])}, VIEW_TYPE_{f['type'].upper()}, {quote(f['of'])}, "
                       f"VIEW_SHOW_{f['show'].upper()}, {link}, {at}}},")
        out.append("};")
        if v["children"]:
            out.append(f"static const view_child children_{v['name']}[] = {{")
            for c in v["children"]:
                out.append(f"    {{VIEW_{c.upper()}, STMT_VIEW_{c.upper()}_BY_{v['name'].upper()}}},")
            out.append("};")
        if v["periods"]:
            names_ = ", ".join(quote(name) for name, _ in v["periods"])
            out.append(f"static const char *const periods_{v['name']}[] = {{{names_}}};")
        if v["title"]:
            at = ", ".join(str(names.index(t)) for t in v["title"])
            out.append(f"static const int title_{v['name']}[] = {{{at}}};")
    out.append("static const view views[VIEW_COUNT] = {")
    for v in views:
        up, name = v["name"].upper(), v["name"]
        def names(verb):
            there = lambda s: has_scope(v, s) and ("state" in v or "STATE" not in verb)
            seen_as = [s if s not in LENT or s in v else "programme" for s in SCOPES]
            return ", ".join(f"STMT_VIEW_{up}_{verb}_{s.upper()}" if there(s) else "VIEW_NO_STMT" for s in seen_as)
        state = next((i for i, f in enumerate(v["fields"]) if f["type"] == "state"), -1)
        children = (f"children_{name}, {len(v['children'])}" if v["children"] else "NULL, 0")
        title = (f"title_{name}, {len(v['title'])}" if v["title"] else "NULL, 0")
        out.append(f"    [VIEW_{up}] = {{\"{name}\", fields_{name}, {len(v['fields'])}, {children}, {title},\n"
                   f"        {{{names('LIST')}}},\n        {{{names('COUNT')}}},\n"
                   f"        {{{names('LIST_STATE')}}},\n        {{{names('COUNT_STATE')}}},\n"
                   f"        STMT_VIEW_{up}_ONE, {state}, {str('state' in v).lower()}, "
                   f"{str(bool(v['search'])).lower()}, {str(v['order'] == 'asc').lower()}, {str(v['staff']).lower()},\n"
                   f"        {'T_' + v['reads'].upper() if 'reads' in v else -1}, {quote(v['own'])}, "
                   + (f"periods_{name}, {len(v['periods'])}" if v["periods"] else "NULL, 0") + "},")
    out += ["};", ""]
    return "\n".join(out)


def header(views):
    out = ["/* Made from src/store/views by tools/gen_views.py. */", "#ifndef TQ_VIEWS_GEN_H",
           "#define TQ_VIEWS_GEN_H", "", "typedef enum view_id {", "    VIEW_NONE,"]
    out += [f"    VIEW_{v['name'].upper()}," for v in views]
    out += ["    VIEW_COUNT", "} view_id;", "", "#endif", ""]
    return "\n".join(out)


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main(args):
    if args[:1] == ["sql"]:
        blocks = [b for v in read_views(args[2:]) for b in statements(v)]
        write(args[1], "-- Made from src/store/views by tools/gen_views.py.\n\n" + "\n\n".join(blocks) + "\n")
    elif args[:1] == ["table"]:
        views = read_views(args[3:])
        write(args[1], header(views))
        write(args[2], table(views))
    else:
        raise Bad(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Bad as e:
        sys.exit(f"gen_views: {e}")
