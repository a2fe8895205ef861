#!/usr/bin/env bash
# Serves a demo school on this computer. What is there already stays; real schools are served by `groeilijn serve`.
. "$(dirname "$0")/lib.sh"

say "Building the server; the first time that takes some minutes."
cargo build --locked -p groeilijn-api
"$PROGRAM" init >/dev/null
"$PROGRAM" demo
say
exec "$PROGRAM" serve
