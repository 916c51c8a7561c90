#!/usr/bin/env bash
# `npm test` is the first and only command in a fresh clone: it installs the packages itself.
. .ci/lib.sh
# libatomic1: Node 26 needs it, and a minimal Debian lacks it. libyaml-perl: kivitendo's own YAML module reads the drafts
# back; without it that test only says so, and CI insists on it.
if on_debian_as_root; then ensure_packages libatomic1 libyaml-perl; fi
vitest_through tests test
note "$(grep -m1 -o 'PostgreSQL for the tests: .*' "$ci_logs/test.log")"
