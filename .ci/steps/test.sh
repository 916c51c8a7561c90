#!/usr/bin/env bash
# `npm test` is the first and only command in a fresh clone: it installs the packages itself.
. .ci/lib.sh
vitest_through tests test
note "$(grep -m1 -o 'PostgreSQL for the tests: .*' "$ci_logs/test.log")"
