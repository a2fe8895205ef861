#!/usr/bin/env bash
# Serves a demo school on this computer. What is there already stays; real schools are served by `groeilijn serve`.
. "$(dirname "$0")/lib.sh"

build_program
"$PROGRAM" init
"$PROGRAM" demo
say
exec "$PROGRAM" serve
