#!/usr/bin/env bash
# The suite against a real Znuny in a container, add-on installed from the built package.
. .ci/lib.sh
ensure_debian_image
ensure_addon
# The log of the image's build is worth having when it fails.
export DEBIAN_IMAGE=$debian_image DEBUG=testcontainers:build
vitest_through znuny test:znuny
grep -q 'Znuny for the tests: .*in a container' "$ci_logs/znuny.log" || die "The suite did not run against the container."
