#!/usr/bin/env bash
. .ci/lib.sh
ensure_node_modules
npm run check
if command -v shellcheck > /dev/null || on_debian_as_root; then
  ensure_packages shellcheck
  shellcheck -x .ci/run .ci/lib.sh .ci/steps/*.sh .ci/images/*.sh .ci/images/*/*.sh test/znuny/*.sh config/compose/*.sh scripts/*.sh bin/kivi-otrs
  note "types, lint, imports, format, shell scripts"
else
  note "types, lint, imports, format"
fi
