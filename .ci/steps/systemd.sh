#!/usr/bin/env bash
# systemd's own opinion of the unit. The path of the program is the only thing that differs from an installation.
. .ci/lib.sh
ensure_packages systemd
unit=kivitendo-otrs-bridge.service
directory=$(mktemp -d "$ci_work/unit.XXXXXX")
sed "s#=/opt/kivitendo-otrs-bridge/bin/#=$PWD/bin/#" "config/$unit" > "$directory/$unit"
systemd-analyze verify "$directory/$unit" 2>&1 | tee "$directory/complaints"
[ ! -s "$directory/complaints" ] || die "systemd complains about config/$unit."
systemd-analyze security --offline=true --threshold=20 "$directory/$unit" > "$directory/exposure" || die "config/$unit is too open: $(tail -1 "$directory/exposure")"
note "$(tail -1 "$directory/exposure" | grep -o 'Overall exposure level.*: [0-9.]*')"
rm -rf "$directory"
