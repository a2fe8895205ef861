#!/usr/bin/env bash
# Makes clients from openapi.yaml as others would, and compiles them: two for TypeScript, of which one is checked
# against code that uses it, one for Go, and one for Python, which walks through the API of a running server.
. "$(dirname "$0")/lib.sh"

readonly CLIENTS=$TOOLS/clients

# generate GENERATOR FOLDER [OPTION…]: a client by OpenAPI Generator, which runs on Java.
generate() {
    command -v java >/dev/null || fail "OpenAPI Generator needs Java: apt-get install default-jre-headless"
    openapi-generator-cli generate --input-spec openapi.yaml --generator-name "$1" --output "$CLIENTS/$2" \
        --global-property apiTests=false,modelTests=false,apiDocs=false,modelDocs=false "${@:3}" >"$CLIENTS/$2.log" 2>&1 ||
        { cat "$CLIENTS/$2.log" >&2 && fail "no client was made: $1"; }
}

need_node_tools
need_python_tools
build_program
rm -rf "$CLIENTS"
mkdir -p "$CLIENTS"

openapi-typescript openapi.yaml --output "$CLIENTS/groeilijn.d.ts"
cp tools/openapi/{usage.ts,tsconfig.json} "$CLIENTS/"
tsc --project "$CLIENTS"
say "TypeScript types: compiled"

generate typescript-fetch typescript
cp tools/openapi/tsconfig.fetch.json "$CLIENTS/typescript/tsconfig.json"
tsc --project "$CLIENTS/typescript"
say "TypeScript client: compiled"

generate go go --additional-properties packageName=groeilijn,enumClassPrefix=true
(cd "$CLIENTS/go" && GOCACHE=$TOOLS/go GOPROXY=off GOFLAGS=-mod=mod GOTOOLCHAIN=local GOTELEMETRY=off go vet ./...)
say "Go client: vetted"

openapi-python-client generate --path openapi.yaml --config tools/openapi/python-client.yaml \
    --output-path "$CLIENTS/groeilijn_client" --meta none --fail-on-warning
start_demo
python tools/python_walk.py "$ADDRESS" "$CLIENTS"
