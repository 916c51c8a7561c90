#!/usr/bin/env bash
# The add-on's package, built twice: the same bytes both times.
. .ci/lib.sh
ensure_addon
first=$(sha256sum dist/*.opm)
ensure_addon
[ "$first" = "$(sha256sum dist/*.opm)" ] || die "Two builds of the add-on differ."
note "$(basename dist/*.opm), reproducible"
