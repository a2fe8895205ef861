#!/usr/bin/env bash
# Makes clients from openapi.yaml as others would. The TypeScript types are checked against code that uses them,
# and the Python client walks through the API of a running server.
. "$(dirname "$0")/lib.sh"

readonly CLIENTS=$TOOLS/clients

need_node_tools
need_python_tools
build_program
rm -rf "$CLIENTS"
mkdir -p "$CLIENTS"

openapi-typescript openapi.yaml --output "$CLIENTS/groeilijn.d.ts"
cp tools/openapi/{usage.ts,tsconfig.json} "$CLIENTS/"
tsc --project "$CLIENTS"

openapi-python-client generate --path openapi.yaml --config tools/openapi/python-client.yaml \
    --output-path "$CLIENTS/groeilijn_client" --meta none --fail-on-warning
start_demo
python tools/python_walk.py "$ADDRESS" "$CLIENTS"
