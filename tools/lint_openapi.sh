#!/usr/bin/env bash
# Lints openapi.yaml, after making sure that each of our own rules still finds the fault it is for.
. "$(dirname "$0")/lib.sh"

readonly RULES=tools/openapi/.spectral.yaml

need_node_tools
silent=$(comm -23 \
    <(sed -n '/^  doc-openapi:/,$ s/^  \([a-z-]*\):$/\1/p' "$RULES" | sort) \
    <({ spectral lint --ruleset "$RULES" --quiet --format json tools/openapi/faulty.yaml || true; } |
        sed -n 's/.*"code": "\(.*\)",/\1/p' | sort -u))
[[ -z $silent ]] || fail "these rules find nothing in tools/openapi/faulty.yaml:" $silent
cp tools/openapi/owasp.yaml "$TOOLS/node/" # what it extends is found from there
for rules in "$RULES" "$TOOLS/node/owasp.yaml"; do
    spectral lint --ruleset "$rules" --fail-severity=hint openapi.yaml
done
redocly lint --config tools/openapi/redocly.yaml openapi.yaml
