# Sourced by the other scripts: where the tools are, how they get there, and a server to try things on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TOOLS=$PWD/.tools
readonly PROGRAM=${CARGO_TARGET_DIR:-$PWD/target}/debug/groeilijn
readonly CARGO_DENY=0.20.2
export PATH=$TOOLS/node/node_modules/.bin:$TOOLS/python/bin:$TOOLS/cargo/bin:$PATH
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

say() { printf '%s\n' "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }

# installed STAMP FILE: whether what FILE asks for has been installed under STAMP.
installed() { cmp -s "$TOOLS/$1/installed" "$2"; }

need_node_tools() {
    local lock=tools/openapi/package-lock.json
    installed node "$lock" && return
    say "installing the OpenAPI linters and the TypeScript tools"
    mkdir -p "$TOOLS/node"
    cp tools/openapi/package.json "$lock" "$TOOLS/node/"
    npm ci --prefix "$TOOLS/node" --ignore-scripts --no-audit --no-fund --loglevel=error
    cp "$lock" "$TOOLS/node/installed"
}

need_python_tools() {
    local list=tools/openapi/requirements.txt
    installed python "$list" && return
    say "installing schemathesis, the generators of clients and Go"
    rm -rf "$TOOLS/python"
    python3 -m venv "$TOOLS/python"
    "$TOOLS/python/bin/pip" install --quiet --requirement "$list"
    cp "$list" "$TOOLS/python/installed"
}

need_cargo_deny() {
    [[ $(cargo-deny --version 2>/dev/null) == "cargo-deny $CARGO_DENY" ]] && return
    say "building cargo-deny, which takes some minutes once"
    CARGO_TARGET_DIR=$TOOLS/cargo/target cargo install --quiet cargo-deny --version "$CARGO_DENY" --locked \
        --debug --config profile.dev.debug=false --root "$TOOLS/cargo"
    rm -rf "$TOOLS/cargo/target"
}

build_program() {
    cargo build --quiet --locked -p groeilijn-api
}

# start_demo [OPTION…]: a server with the demo on a port of its own, with ADDRESS and the log in SERVER_DIR/log. It
# stops, and its data go, when the script ends.
start_demo() {
    SERVER_DIR=$(mktemp -d)
    trap stop_server EXIT
    (
        cd "$SERVER_DIR"
        export GROEILIJN_HTTP__ADDRESS=127.0.0.1 GROEILIJN_HTTP__PORT=0 GROEILIJN_LOG__LEVEL=warn
        "$PROGRAM" init && "$PROGRAM" demo "$@"
    ) >/dev/null
    cd "$SERVER_DIR"
    : >log # it is read at once, and the server may take its time
    GROEILIJN_HTTP__ADDRESS=127.0.0.1 GROEILIJN_HTTP__PORT=0 GROEILIJN_LOG__LEVEL=warn \
        GROEILIJN_WEBHOOKS__OWN_RECEIVERS=hooks.school.example=127.0.0.1:1025 "$PROGRAM" serve >log 2>&1 &
    SERVER=$!
    cd - >/dev/null
    await_address
}

await_address() {
    for _ in {1..100}; do
        ADDRESS=$(sed -n 's|.*listens on \(http://[^;]*\);.*|\1|p' "$SERVER_DIR/log")
        [[ -n $ADDRESS ]] && return
        sleep 0.1
    done
    cat "$SERVER_DIR/log" >&2
    fail "the server did not start"
}

stop_server() {
    if [[ -n ${SERVER:-} ]]; then
        kill "$SERVER" 2>/dev/null || true
        wait "$SERVER" 2>/dev/null || true
        SERVER=
    fi
    rm -rf "$SERVER_DIR"
}
