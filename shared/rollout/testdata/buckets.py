#!/usr/bin/env python3
"""Writes buckets.csv, the table that pins the draw of cohorts, to standard output.

It follows the definition in the docstring of Bucket and shares nothing with the
Go code. Only Python's standard library is needed:

    python3 buckets.py > buckets.csv
"""

import csv
import hashlib
import sys

SEEDS = ["2026-speed-to-lead", "second", "", "ünï", "a", "ab"]
UNITS = ["d:acme.example", "n:acme brick", "rep-17", "team/emea", "5f2a", "", "日本", "bc", "c", "x" * 200]


def bucket(seed, unit):
    seed, unit = seed.encode(), unit.encode()
    digest = hashlib.sha256(len(seed).to_bytes(8, "big") + seed + unit).digest()
    return int.from_bytes(digest[:8], "big") % 10_000


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["seed", "unit", "bucket"])
for s in SEEDS:
    for u in UNITS:
        out.writerow([s, u, bucket(s, u)])
