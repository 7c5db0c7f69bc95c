#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the results in a testlog.json of meson: tally.py FILE prints "PASSED FAILED".

Only an OK without a skipped case is passed. cmocka hides a skipped case behind exit status 0, so
its output is read too. What failed is named on stderr.
"""
import json
import pathlib
import sys
import tempfile


def tally(path):
    passed, failed = 0, []
    for line in path.read_text(errors="replace").splitlines() if path.exists() else []:
        row = json.loads(line)
        output = row.get("stdout", "") + row.get("stderr", "")
        if row["result"] == "OK" and "[  SKIPPED ]" not in output:
            passed += 1
        else:
            failed.append(f"{row['name']}: {'SKIPPED' if row['result'] == 'OK' else row['result']}")
    return passed, failed


def self_test():
    rows = [
        {"name": "good", "result": "OK", "stdout": "[  PASSED  ] 1 test(s)."},
        {"name": "exits 77", "result": "SKIP"},
        {"name": "hidden", "result": "OK", "stderr": "[  SKIPPED ] on_postgres"},
        {"name": "wrong", "result": "FAIL"},
        {"name": "endless", "result": "TIMEOUT"},
    ]
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "testlog.json")
        log.write_text("\n".join(json.dumps(row) for row in rows))
        passed, failed = tally(log)
    assert passed == 1, passed
    assert [f.split(":")[0] for f in failed] == ["exits 77", "hidden", "wrong", "endless"], failed


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        passed, failed = tally(pathlib.Path(sys.argv[1]))
        for line in failed:
            print(f"not passed: {line}", file=sys.stderr)
        print(passed, len(failed))
