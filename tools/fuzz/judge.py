"""Judges what the runs of the fuzzer reached. Arguments: the tallies that the hooks wrote.

Refused requests alone prove little: nine of ten operations have to have succeeded for who may ask them, and no more
than a tenth of all replies may say that nobody is logged in."""

import json
import sys
from collections import Counter
from pathlib import Path

import yaml

LEAST_REACHED, MOST_UNAUTHENTICATED = 0.9, 0.1

METHODS = {"get", "put", "post", "delete", "patch"}

# What was never called counts as not reached.
paths = yaml.safe_load((Path(__file__).parents[2] / "openapi.yaml").read_text())["paths"]
tally = {f"{method.upper()} {path}": Counter() for path, item in paths.items() for method in METHODS & set(item)}
tally["hidden"] = Counter()
for file in map(Path, sys.argv[1:]):
    for operation, statuses in json.loads(file.read_text()).items():
        tally[operation].update(statuses)

hidden = tally.pop("hidden")
replies = sum(map(Counter.total, tally.values()))
unauthenticated = sum(statuses["401"] for statuses in tally.values()) / replies
missed = {name: dict(statuses) for name, statuses in tally.items() if not any(one.startswith("2") for one in statuses)}
reached = 1 - len(missed) / len(tally)
for name, statuses in sorted(missed.items()):
    print(f"never a 2xx: {name}: {statuses}")
for reason, count in hidden.most_common():
    print(f"hidden {count} times: {reason}")
print(f"{len(tally) - len(missed)} of {len(tally)} operations reached with a 2xx; {replies} replies, {unauthenticated:.1%} of them 401")
if reached < LEAST_REACHED or unauthenticated > MOST_UNAUTHENTICATED:
    sys.exit("FAILED: the fuzzer reached too little")
