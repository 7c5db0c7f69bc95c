#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The draw written a second time, from docs/draw.md alone, with nothing but the standard library.

  draw_second.py verify FILE      recomputes a published bundle; exit 0 it holds, 3 it does not
  draw_second.py make SEED        writes a bundle of a population made of SEED
  draw_second.py agree [COUNT]    that many bundles and an alteration of each, against the program
                                  (TQ_BINARY); 50, with TQ_FULL 1000
  draw_second.py examples FOLDER  do the examples in the folder hold, here and there?
"""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile

MEMBERS = ["format", "plan", "plan_sha256", "population", "population_sha256", "pool", "pool_sha256", "commitment",
           "seed", "public_value", "final_seed", "result", "result_sha256"]


class Differs(Exception):
    pass


def need(holds, member):
    if not holds:
        raise Differs(member)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def table(text, head, columns):
    need(text.startswith(head + "\n") and text.endswith("\n"), head)
    rows = [line.split("\t") for line in text.split("\n")[1:-1]]
    need(all(len(r) == columns for r in rows), head)
    return rows


def draw_cases(plan, final, units):
    strata = {}
    for stratum, key, amount, must in units:
        weight = int(amount) if plan["unit"] == "amount" else 1
        strata.setdefault(stratum.encode(), []).append((key, weight, must == "1"))
    heads, cases = [], []
    for name in sorted(strata):
        rows = strata[name]
        total = sum(w for _, w, _ in rows)
        goal = -(-total * plan["rate_bp"] // 10000)
        must = sorted(k for k, _, m in rows if m)
        lots = sorted((sha(b"tongquan-draw-case-1\n", final, k.encode()), k, w) for k, w, m in rows if not m)
        have, drawn = 0, []
        for score, key, weight in lots:
            if have >= goal:
                break
            have += weight
            drawn.append((key, score))
        heads.append(("stratum", name.decode(), len(rows), total, goal, len(must), len(drawn), have))
        cases += [("case", name.decode(), k, "must", 0, "-") for k in must]
        cases += [("case", name.decode(), k, "drawn", i, s.hex()) for i, (k, s) in enumerate(drawn, 1)]
    return heads + cases


def draw_inspectors(plan, final, pool):
    lots = sorted((sha(b"tongquan-draw-inspector-1\n", final, c.encode()), c) for c, conflict in pool
                  if conflict == "-")
    need(len(lots) >= plan["visitors"], "pool")
    return [("inspector", c, i, s.hex()) for i, (s, c) in enumerate(lots[:plan["visitors"]], 1)]


def bundle_of(plan, population, pool, seed, public_value):
    """Everything of a bundle from what was given to the draw."""
    sums = [sha(canonical(plan).encode()), sha(population.encode()), sha(pool.encode())]
    final = sha(b"tongquan-draw-final-1\n", seed, *sums, public_value.encode())
    units = table(population, "tongquan-draw-population-1", 4)
    people = table(pool, "tongquan-draw-pool-1", 2)
    keys = [u[1] for u in units]
    need(keys and keys == sorted(set(keys)), "population")
    codes = [p[0] for p in people]
    need(codes == sorted(set(codes)), "pool")
    need((plan["public_source"] != "") == (public_value != ""), "public_value")
    lines = draw_cases(plan, final, units) + draw_inspectors(plan, final, people)
    result = "tongquan-draw-result-1\n" + "".join("\t".join(map(str, row)) + "\n" for row in lines)
    values = ["tongquan-draw-1", plan, sums[0].hex(), population, sums[1].hex(), pool, sums[2].hex(),
              sha(b"tongquan-draw-commitment-1\n", seed).hex(), seed.hex(), public_value, final.hex(), result,
              sha(result.encode()).hex()]
    return dict(zip(MEMBERS, values))


def verify(text):
    given = json.loads(text)
    need(list(given) == MEMBERS and text == canonical(given) + "\n", "file")
    again = bundle_of(given["plan"], given["population"], given["pool"], bytes.fromhex(given["seed"]),
                      given["public_value"])
    for member in MEMBERS:
        need(given[member] == again[member], member)


# --- bundles by chance ---------------------------------------------------------------------------

def make(number):
    chance = random.Random(number)
    unit = chance.choice(["firm", "amount", "claim", "voucher"])
    strata = chance.choice(["none", "place"] + (["kind"] if unit in ("claim", "voucher") else []))
    names = {"none": ["-"], "place": ["雉城街道", "泗安镇", "Heping", "和平镇 \"北\""], "kind": ["innovation", "test"]}[strata]
    joined = chance.random() < 0.5
    plan = {"number": f"L330522-2014-{number:06d}-1", "policy": sha(b"policy").hex(), "unit": unit,
            "counted": chance.choice(["paid_holders", "holders"]), "strata": strata, "from": "2013-01-01",
            "to": "2013-12-31", "rate_bp": chance.choice([1, 333, 1000, 1001, 5000, 9999, 10000]),
            "visitors": chance.randint(2, 6), "public_source": "福利彩票双色球 2014012 期" if joined else "",
            "public_day": "2014-02-01" if joined else ""}
    count = chance.choice([1, 2, 9, 10, 11, 37, 100, 400])
    keys = sorted({f"9133{chance.randrange(10 ** 9):09d}{chance.choice('ABCXY')}" for _ in range(count)})
    must = chance.choice([0, 0, 0.05, 0.5, 1])
    top = chance.choice([10, 10 ** 6, 10 ** 15])
    population = "tongquan-draw-population-1\n" + "".join(
        f"{chance.choice(names)}\t{k}\t{chance.randrange(top)}\t{int(chance.random() < must)}\n" for k in keys)
    codes = sorted(sha(str(chance.random()).encode()).hex()[:32] for _ in range(plan["visitors"] + chance.randint(0, 9)))
    spare = len(codes) - plan["visitors"]
    barred = set(chance.sample(codes, chance.randint(0, spare)))
    pool = "tongquan-draw-pool-1\n" + "".join(f"{c}\t{'agent' if c in barred else '-'}\n" for c in codes)
    value = "03 07 12 18 26 31 + 09" if joined else ""
    return bundle_of(plan, population, pool, chance.randbytes(32), value)


def altered(bundle, chance):
    """One character of one member is another one."""
    text = canonical(bundle) + "\n"
    at = chance.randrange(len(text))
    other = chance.choice([c for c in "019aZ\t-,\"" if c != text[at]])
    return text[:at] + other + text[at + 1:]


def holds_there(text, folder):
    path = os.path.join(folder, "bundle.json")
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    done = subprocess.run([os.environ["TQ_BINARY"], "draw", "verify", path], capture_output=True, text=True,
                          check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"draw verify ended with {done.returncode}: {done.stderr}")
    return done.returncode == 0, done.stderr.strip()


def agree(count):
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, count + 1):
            bundle = make(number)
            good, said = holds_there(canonical(bundle) + "\n", folder)
            if not good:
                raise SystemExit(f"seed {number}: the program differs: {said}")
            bad, _ = holds_there(altered(bundle, random.Random(-number)), folder)
            if bad:
                raise SystemExit(f"seed {number}: an alteration was not found")
    print(f"{count} draws agree, {count} alterations found")


def examples(folder):
    with tempfile.TemporaryDirectory() as room:
        names = sorted(n for n in os.listdir(folder) if n.startswith("draw-") and n.endswith(".json"))
        need(len(names) >= 2, "examples")
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8", newline="") as f:
                text = f.read()
            verify(text)
            good, said = holds_there(text, room)
            if not good:
                raise SystemExit(f"{name}: {said}")


def main(words):
    if words[:1] == ["verify"] and len(words) == 2:
        with open(words[1], encoding="utf-8", newline="") as f:
            verify(f.read())
        print("verified")
    elif words[:1] == ["make"] and len(words) == 2:
        sys.stdout.write(canonical(make(int(words[1]))) + "\n")
    elif words[:1] == ["agree"] and len(words) <= 2:
        agree(int(words[1]) if len(words) == 2 else 1000 if os.environ.get("TQ_FULL") else 50)
    elif words[:1] == ["examples"] and len(words) == 2:
        examples(words[1])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Differs, ValueError, KeyError) as why:
        print(f"differs: {why}", file=sys.stderr)
        sys.exit(3)
