#!/usr/bin/env bash
# Runs all tests and tells how many ran on each database.
. "$(dirname "$0")/lib.sh"

readonly SKIPPED="PostgreSQL is not installed: NOTHING IS TESTED ON IT. Get it with 'apt-get install postgresql'."

has_postgres() {
    command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# passed PATTERN: how many tests passed of which the name holds this.
passed() { grep -cE "^test .*$1.* \.\.\. ok$" "$LOG" || true; }

POSTGRES=yes
if ! has_postgres; then
    [[ -n ${CI:-} ]] && fail "$SKIPPED"
    POSTGRES=no
    say "$SKIPPED"
fi

LOG=$(mktemp)
trap 'rm -f "$LOG"' EXIT
cargo test --workspace --locked --exclude groeilijn-tests --no-fail-fast 2>&1 | tee "$LOG"
cargo test --locked -p groeilijn-tests --no-fail-fast 2>&1 | tee -a "$LOG"

sqlite=$(passed '\bsqlite::')
postgres=$(passed '\bpostgres::')
all=$(passed '')
[[ $POSTGRES == yes ]] || { postgres=0; say "$SKIPPED"; }
[[ $sqlite -gt 0 ]] || fail "no test ran on SQLite"
# What only PostgreSQL has, such as row-level security, is tested on it alone.
[[ $POSTGRES == no || $postgres -ge $sqlite ]] || fail "$sqlite tests ran on SQLite and $postgres on PostgreSQL"
echo "on SQLite: $sqlite; on PostgreSQL: $postgres; without a server: $((all - sqlite - postgres))"
echo "$all passed, 0 failed"
