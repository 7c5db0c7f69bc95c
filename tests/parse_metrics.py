#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""parse_metrics.py FILE SAMPLE...: reads a Prometheus text file with Prometheus' own library, holds each
family to what its type demands, and looks for samples: "name label=value ... >=N" or "==N"."""
import re
import sys

from prometheus_client.parser import text_string_to_metric_families


def histogram_faults(family):
    """Buckets of one set of labels grow, and end with +Inf at the count."""
    series = {}
    for s in family.samples:
        rest = tuple(sorted((k, v) for k, v in s.labels.items() if k != "le"))
        series.setdefault(rest, {"buckets": [], "count": None, "sum": None})
        if s.name.endswith("_bucket"):
            series[rest]["buckets"].append((float(s.labels["le"]), s.value))
        elif s.name.endswith("_count"):
            series[rest]["count"] = s.value
        elif s.name.endswith("_sum"):
            series[rest]["sum"] = s.value
    for labels, h in series.items():
        bounds = [b for b, _ in h["buckets"]]
        counts = [n for _, n in h["buckets"]]
        if bounds != sorted(bounds) or counts != sorted(counts) or not bounds or bounds[-1] != float("inf"):
            yield f"{family.name} {labels}: buckets do not grow to +Inf"
        elif counts[-1] != h["count"] or h["sum"] is None or h["sum"] < 0:
            yield f"{family.name} {labels}: count or sum"


def faults(text):
    seen = set()
    for family in text_string_to_metric_families(text):
        if family.name in seen:
            yield f"{family.name} comes twice"
        seen.add(family.name)
        if family.type == "unknown" or not family.documentation:
            yield f"{family.name} has no type or no help"
        if family.type == "histogram":
            yield from histogram_faults(family)
        keys = [(s.name, tuple(sorted(s.labels.items()))) for s in family.samples]
        if len(keys) != len(set(keys)):
            yield f"{family.name} has a sample twice"
        if family.type == "counter" and not all(s.name.endswith("_total") and s.value >= 0 for s in family.samples):
            yield f"{family.name} is no counter"


def found(text, wanted):
    *words, limit = wanted.split()
    name, labels = words[0], dict(w.split("=", 1) for w in words[1:])
    sign, number = re.fullmatch(r"(>=|==)(\d+)", limit).groups()
    for family in text_string_to_metric_families(text):
        for s in family.samples:
            if s.name == name and all(s.labels.get(k) == v for k, v in labels.items()):
                return s.value >= int(number) if sign == ">=" else s.value == int(number)
    return False


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    wrong = list(faults(text)) + [f"not there: {w}" for w in sys.argv[2:] if not found(text, w)]
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    return 1 if wrong else 0


sys.exit(main())
