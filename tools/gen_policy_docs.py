#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/policy-language.md from the lists that read and evaluate policy files.

  gen_policy_docs.py           writes docs/policy-language.md
  gen_policy_docs.py --check   exit 3 where it differs from what would be written
"""
import pathlib
import re
import sys

PAGE = "docs/policy-language.md"
LISTS = "src/domain/policy_{}.def"
ROW = re.compile(r"^POLICY_(\w+)\((.*)\)$", re.M)
CELL = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",]+)')

HEAD = """\
<!-- Made by tools/gen_policy_docs.py from src/domain/policy_*.def; change those. -->
# The policy language

A scheme is a file in `schemes/`: no amount, rate, cap, deadline or list of a scheme stands in the
program. The file is a strict subset of YAML (no anchors, tags, merge keys, repeated keys); a field
that is not in the tables below, a value of another type and a value out of range are refused with
file, line, column and field. Two files ship: `cn-changxing.yaml` says what is published about
Changxing and leaves the rest `unset`; `cn-changxing-demo.yaml` extends it with made-up values.

## A file

```yaml
format: 1
scheme: my-county
extends: cn-changxing            # one level; left out where the file stands alone
title: {zh: 我县创新券, en: Vouchers of my county}
documents:
  - id: measures
    title: {zh: 管理办法, en: Measures}
    level: measures
    number: X政发〔2026〕1号
remove: [related]                # rules of the extended file that fall away
set:                             # single values of its rules
  rate.apply: {share: 40%, of: invoice_net}
rules:                           # an id of the extended file replaces that rule, another is added
  - kind: cap
    id: cap.life
    cites: {document: measures, article: 第九条}
    for: [apply]
    measure: issued
    period: life
    limit: 100000.00 CNY
    over: refuse
```

Rules are asked in the order of the kinds below and, within a kind, in the file's order; each leaves a
step (rule, article, fact, operator, both sides), and the first refusal ends the decision. The order
of the file is therefore for its readers; it matters only for rates (the first that fits is taken),
services, and clocks and settlements (the first that is for the kind is read: put the particular one
before the general one).

The identity of a policy is the SHA-256 of its canonical print, which stands alone and reads back to
the same policy: `50%` and `5000bp`, or fields in another order, are the same policy.

## unset

`unset` says that the document is silent. Nothing is guessed: while any rule of a voucher kind has an
`unset`, no voucher of the kind is issued (reason `policy_unset`, with the name `rule.field`), and what
reads the parameter later is refused likewise. Quoted, `"unset"` is an ordinary text.

## Amounts

- Limits are inclusive: what comes to the limit passes, a minor unit more does not.
- An order: floor(contract × share), at most what the voucher has left and what the order asks for.
- A claim: floor(base × share), base being the sum of min(invoice line, proven payment, rest of the
  contract) with or without tax; at most the order's hold and the headroom of every cap; the holder's
  own share lowers the award and never raises the base.
- Of two deadlines the earlier wins. The last day is a good day.

## Types

| type | written | |
|---|---|---|
| INT | `12` | whole, no sign, no leading zero |
| BOOL | `yes`, `no` | |
| MONEY | `30000.00 CNY` | in the currency of the file; at most its minor digits |
| RATE | `50%`, `12.5%`, `1250bp` | at most two decimals |
| DAY | `2013-09-01` | |
| MONTHDAY | `12-31` | a date of any year; 02-29 is none |
| CODE, PERIOD | `calendar_year` | a-z, 0-9, `_`, single `.` or `-` inside |
| CODES | `[a, b]` | no member twice; the order counts |
| FACT | `holder_age_days` | a name of the table of facts, known at the rule's stage |
| LINE | `"2013年第1号"` | one line without invisible characters |
| TEXT | `{zh: 券, en: voucher}` | both languages |
| CITES | `{document: measures, article: 第五条}` | an id of `documents` |

"stated": the field must be there and known; "or unset": it must be there, and may be `unset`; "may":
it may be left out.
"""


def cells(line):
    out = []
    for quoted, bare in CELL.findall(line):
        if bare.strip():
            out.append(bare.strip())
        elif not bare:
            out.append(quoted)
    return out


def rows(root, name):
    """[(word after POLICY_, cells)] of one list."""
    path = pathlib.Path(root, LISTS.format(name))
    found = [(m[1], cells(m[2])) for m in ROW.finditer(path.read_text(encoding="utf-8"))]
    if not found:
        sys.exit(f"{path}: no rows")
    return found


def stages_of(text):
    if "S_NONE" in text:
        return "read, not asked"
    if "S_ALL" in text:
        return "apply, order, claim"
    return ", ".join(re.findall(r"S_(\w+)", text)).lower()


def field_line(name, type_, need, low, high, choices, unit, doc):
    low, high = int(low), int(high)
    if choices:
        allowed = ", ".join(f"`{c}`" for c in choices.split())
    elif type_ == "MONEY":
        allowed = "" if high >= 10**15 else f"{low}–{high} minor"
    elif type_ == "RATE":
        allowed = f"{low / 100:g} %–{high / 100:g} %"
    elif type_ == "CODES":
        allowed = f"{low}–{high} members"
    elif type_ in ("CODE", "LINE", "TEXT", "CITES"):
        allowed = f"at most {high} bytes" if high else ""
    elif high >= 10**15:
        allowed = f"from {low}"
    else:
        allowed = f"{low}–{high} {unit}".strip() if high else ""
    words = {"FIXED": "stated", "MUST": "or unset", "MAY": "may"}
    return f"| `{name}` | {type_} | {words[need]} | {allowed} | {doc} |"


def field_table(fields):
    return ["| field | type | | allowed | |", "|---|---|---|---|---|"] + [
        field_line(*f[1:]) for f in fields]


def page(root):
    fields, kinds = rows(root, "fields"), rows(root, "kinds")
    of = {}
    for word, row in fields:
        if word == "FIELD":
            of.setdefault(row[0], []).append(row)
    out = [HEAD, "## Fields of every rule", "",
           "`valid_from` and `valid_to` only where the kind is marked dated.", ""]
    out += field_table(of["common"])
    for _, (token, place, stages, dated, _, _, doc) in kinds:
        title = {"TOP": "The file", "DOCUMENT": "`documents`"}.get(place, f"`{token}`")
        out += ["", f"## {title}", "", doc, ""]
        if place == "RULE":
            out += [f"Asked: {stages_of(stages)}." + (" Dated." if dated == "true" else ""), ""]
        out += field_table(of[token])
    out += ["", "## Facts", "", "| fact | type | known at |", "|---|---|---|"]
    out += [f"| `{n}` | {t.lower()} | {stages_of(s)} |" for _, (n, t, s) in rows(root, "facts")]
    out += ["", "## Reasons", "",
            "In order of precedence: of several obstacles the first is the reason.", "",
            "| reason | 中文 | English |", "|---|---|---|"]
    out += [f"| `{t}` | {zh} | {en} |" for _, (t, zh, en) in rows(root, "reasons")]
    return "\n".join(out) + "\n"


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    path = root / PAGE
    text = page(root)
    if sys.argv[1:] == ["--check"]:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"{PAGE}:1: is not what tools/gen_policy_docs.py makes of the lists; run it")
            sys.exit(3)
        return
    if sys.argv[1:]:
        sys.exit("usage: gen_policy_docs.py [--check]")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
