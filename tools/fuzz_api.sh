#!/usr/bin/env bash
# Fuzzes the API as everybody of each of two institutions in turn, the other being the one whose data must stay hidden, and
# each time from two seeds. EXAMPLES sets how many cases an operation gets.
. "$(dirname "$0")/lib.sh"

readonly PASSWORD=Regenboog-2026

# token EMAIL: an access token.
token() {
    curl --silent --fail "$ADDRESS/v1/sessions" --header 'Content-Type: application/json' \
        --data "{\"email\":\"$1\",\"password\":\"$PASSWORD\"}" |
        python -c 'import json, sys; print(json.load(sys.stdin)["accessToken"])'
}

# identity NAME TOKEN: an entry of the file that tells the fuzzer how to log in (Web Fuzzing Commons).
identity() {
    printf '  - name: %s\n    fixedHeaders: [{name: Authorization, value: "Bearer %s"}]\n' "$1" "$2"
}

# fuzz SEED CALLER PEER: on a server of its own. The hooks let each request be made by who may make it.
fuzz() {
    start_demo --scale 2x2x6
    export FUZZ_API=$ADDRESS/v1 FUZZ_DOMAIN=$2 FUZZ_TALLY=$TALLIES/$1-$2.json FUZZ_CALLER
    FUZZ_CALLER=$(token "administrator@$2")
    { echo "auth:"; identity caller "$FUZZ_CALLER"; identity peer "$(token "administrator@$3")"; } >"$SERVER_DIR/identities.yaml"
    say "fuzzing as everybody of $2 from seed $1"
    (cd "$SERVER_DIR" && schemathesis --config-file "$CONFIG" run "$ADDRESS/v1/openapi.json" --url "$ADDRESS/v1" \
        --checks all --seed "$1" --max-examples "${EXAMPLES:-5}" --warnings off --no-color)
    stop_server
}

need_python_tools
build_program
readonly CONFIG=$PWD/tools/fuzz/schemathesis.toml
readonly TALLIES=$TOOLS/tallies
export SCHEMATHESIS_HOOKS=$PWD/tools/fuzz/hooks.py
rm -rf "$TALLIES"
mkdir -p "$TALLIES"
for seed in ${SEEDS:-1 2}; do
    fuzz "$seed" regenboog.example kindcentrum-1.example
    fuzz "$seed" kindcentrum-1.example regenboog.example
done
python tools/fuzz/judge.py "$TALLIES"/*.json
