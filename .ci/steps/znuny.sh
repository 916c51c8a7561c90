#!/usr/bin/env bash
# The suite against a real Znuny in a container, add-on installed from the built package.
. .ci/lib.sh
ensure_debian_image
ensure_addon
export DEBIAN_IMAGE=$debian_image
vitest_through znuny test:znuny
grep -q 'Znuny for the tests: .*in a container' "$ci_logs/znuny.log" || die "The suite did not run against the container."
