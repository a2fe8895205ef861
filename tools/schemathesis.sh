#!/usr/bin/env bash
# Fuzzes the API as each of two institutions in turn, the other being the one whose data must stay hidden, and
# each time from two seeds. EXAMPLES sets how many cases an operation gets.
. "$(dirname "$0")/lib.sh"

readonly PASSWORD=Regenboog-2026
readonly SECRET=M5ZG6ZLJNRUWU3RAMRSW23ZAON2GCZTG

# identity NAME EMAIL: an entry of the file that tells the fuzzer how to log in (Web Fuzzing Commons).
identity() {
    cat <<EOF
  - name: $1
    loginEndpointAuth:
      endpoint: /v1/sessions
      verb: POST
      contentType: application/json
      payloadUserPwd: {usernameField: email, username: $2, passwordField: password, password: $PASSWORD}
      token:
        {extractFrom: body, extractSelector: /accessToken, sendIn: header, sendName: Authorization, sendTemplate: "Bearer {token}"}
EOF
}

# staff_identity NAME EMAIL: an entry for staff of the processor. A code works once, so they log in here.
staff_identity() {
    local body token
    body="{\"email\":\"$2\",\"password\":\"$PASSWORD\",\"code\":\"$(python tools/second_factor_code.py "$SECRET")\"}"
    token=$(curl --silent --fail "$ADDRESS/v1/sessions" --header 'Content-Type: application/json' --data "$body" |
        python -c 'import json, sys; print(json.load(sys.stdin)["accessToken"])')
    cat <<EOF
  - name: $1
    fixedHeaders: [{name: Authorization, value: "Bearer $token"}]
EOF
}

# fuzz SEED CALLER PEER: on a server of its own; what the administrator may not do is done by who may.
fuzz() {
    start_demo --scale 2x2x6
    {
        echo "auth:"
        identity caller "administrator@$2"
        identity caller-intern-begeleider "intern-begeleider@$2"
        staff_identity platform platform@groeilijn.example
        identity peer "administrator@$3"
    } >"$SERVER_DIR/identities.yaml"
    say "fuzzing as $2 from seed $1"
    (cd "$SERVER_DIR" && schemathesis --config-file "$CONFIG" run "$ADDRESS/v1/openapi.json" --url "$ADDRESS/v1" \
        --checks all --seed "$1" --max-examples "${EXAMPLES:-5}" --warnings off --no-color)
    stop_server
}

need_python_tools
build_program
readonly CONFIG=$PWD/tools/openapi/schemathesis.toml
export SCHEMATHESIS_HOOKS=$PWD/tools/openapi/hooks.py
for seed in 1 2; do
    fuzz "$seed" regenboog.example kindcentrum-1.example
    fuzz "$seed" kindcentrum-1.example regenboog.example
done
