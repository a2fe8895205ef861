#!/usr/bin/env bash
# Holds all dependencies against deny.toml. Arguments name the checks to run instead of all of them. ADVISORIES
# names an archive of the RustSec database for where it cannot be fetched.
. "$(dirname "$0")/lib.sh"

readonly DATABASE=https://github.com/RustSec/advisory-db

# Makes git find the archive's content where cargo-deny looks for the database.
unpack_advisories() {
    local source=$TOOLS/advisories-source
    rm -rf "$source" "$TOOLS/advisories"
    mkdir -p "$source"
    tar -xzf "$ADVISORIES" -C "$source"
    git -C "$source" init --quiet --initial-branch=main
    git -C "$source" add --all
    git -C "$source" -c user.name=unpacked -c user.email=unpacked@groeilijn.example commit --quiet -m "As unpacked"
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=url.file://$source.insteadOf GIT_CONFIG_VALUE_0=$DATABASE
}

need_cargo_deny
[[ -z ${ADVISORIES:-} ]] || unpack_advisories
cargo deny --locked check --hide-inclusion-graph "$@"
