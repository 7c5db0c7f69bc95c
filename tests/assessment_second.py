#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts an exported assessment again (R-ASSESS-010): assessment_second.py FILE. Exit 0 where every figure, score and place
comes out as the file says, 3 where one does not (the first is named). Written from
src/domain/assessment_score.h, not from its code."""
import json
import sys


def half_up(part, whole):
    return 0 if part <= 0 or whole <= 0 else (part * 10000 * 2 + whole) // (2 * whole)


def parts(measure, rows):
    def total(key):
        return sum(r[key] for r in rows)
    return {
        "coverage": lambda: (total("vouchers"), total("listed")),
        "active": lambda: (total("paid"), total("listed")),
        "clean": lambda: (total("listed") - total("violation"), total("listed")),
        "rate": lambda: (total("redeemed_fen"), total("issued_fen")),
        "cross_region": lambda: (total("cross_orders"), total("orders")),
        "redeemed": lambda: (total("redeemed_fen"), 0),
        "contract": lambda: (total("contract_fen"), 0),
        "orders": lambda: (total("orders"), 0),
    }[measure]()


def differs(what, unit, found, expected):
    print(f"unit {unit}: {what} is {expected}, counted {found}")
    sys.exit(3)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        data = json.load(f)
    scores = {}
    told = {}
    for f in data["figures"]:
        rows = [r for r in data["rows"] if r["unit"] == f["unit"]]
        part, whole = parts(f["measure"], rows)
        value = half_up(part, whole) if f["kind"] == "share" else part
        achieved = 10000 if value >= f["target"] else half_up(value, f["target"])
        points = (f["weight_bp"] * achieved * 2 + 10000) // 20000
        for key, n in (("part", part), ("whole", whole), ("value", value), ("achieved_bp", achieved),
                       ("points_bp", points), ("firms", sum(r["listed"] for r in rows))):
            if f[key] != n:
                differs(f"{f['measure']}.{key}", f["unit"], n, f[key])
        scores[f["unit"]] = scores.get(f["unit"], 0) + points
        told[f["unit"]] = (f["score_bp"], f["place"])
    listed = [r["org"] for r in data["rows"] if r["listed"]]
    if len(listed) != len(set(listed)):
        differs("a firm", 0, "twice", "once")
    for unit, (score, place) in told.items():
        if score != scores[unit]:
            differs("score", unit, scores[unit], score)
        better = sum(1 for s in scores.values() if s > scores[unit])
        if len(scores) > 1 and place != better + 1:
            differs("place", unit, better + 1, place)
    print(f"{len(told)} units, {len(data['rows'])} rows: the same")


main()
