#!/usr/bin/env bash
# `npm run demo` is the first and only command in a fresh clone; the second run finds nothing to do.
. .ci/lib.sh
clone=$(mktemp -d "$ci_work/demo.XXXXXX")
git clone -q . "$clone/repo"
pushd "$clone/repo" > /dev/null
# The packages come from npm's cache as far as an earlier step has fetched them.
export npm_config_prefer_offline=true
npm run demo -- --once --json > ../first.json
npm run demo -- --once --json > ../second.json
popd > /dev/null
note "$(node .ci/check-demo.mjs "$clone/first.json" "$clone/second.json")"
rm -rf --one-file-system "$clone"
