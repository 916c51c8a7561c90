#!/usr/bin/env bash
# Makes a small Debian 12 image without pulling one: debootstrap with this machine's own package sources, then `docker import`.
#   make-debian.sh IMAGE        (as root on Debian, needs debootstrap and a reachable Docker engine)
set -euo pipefail
image=$1
rootfs=$(mktemp -d "${TMPDIR:-/var/tmp}/kivi-rootfs.XXXXXX")
trap 'rm -rf --one-file-system "$rootfs"' EXIT

# The machine's Debian source, in the deb822 form or in the one-line form; other vendors' sources have no section "main".
deb822=/etc/apt/sources.list.d/debian.sources
oneline='^deb (\[[^]]*\] )?(https?:[^ ]+) bookworm main'
if [ -e "$deb822" ]; then
  mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p' "$deb822" | head -1)
else
  mirror=$(sed -nE "s#$oneline.*#\2#p" /etc/apt/sources.list | head -1)
fi
[ -n "$mirror" ] || { echo "make-debian.sh: no Debian source found under /etc/apt" >&2; exit 1; }

debootstrap --variant=minbase --include=ca-certificates bookworm "$rootfs" "$mirror"

if [ -e "$deb822" ]; then
  cp "$deb822" "$rootfs/etc/apt/sources.list.d/"
  : > "$rootfs/etc/apt/sources.list"
else
  grep -E "$oneline|^deb .* bookworm-(updates|security) main" /etc/apt/sources.list > "$rootfs/etc/apt/sources.list"
fi
# A mirror frozen at a date is refused without these two; translations and recommended packages only cost time here.
grep -rhE '^Acquire::Check-(Valid-Until|Date) ' /etc/apt/apt.conf.d > "$rootfs/etc/apt/apt.conf.d/90mirror" || true
printf 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n' > "$rootfs/etc/apt/apt.conf.d/90small"
# As Debian's own images have it: nothing here is kept over a crash, and nobody reads manuals.
cat > "$rootfs/etc/dpkg/dpkg.cfg.d/90small" <<'CONF'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
CONF
# Certificates that this machine trusts beyond Debian's own (a company proxy, for instance).
if compgen -G '/usr/local/share/ca-certificates/*.crt' > /dev/null; then
  cp /usr/local/share/ca-certificates/*.crt "$rootfs/usr/local/share/ca-certificates/"
  chroot "$rootfs" update-ca-certificates > /dev/null
fi
rm -rf "$rootfs"/var/cache/apt/archives/*.deb "$rootfs"/var/lib/apt/lists/*
tar -C "$rootfs" --one-file-system -c . | docker import --change 'CMD ["bash"]' --change 'ENV LANG=C.UTF-8' - "$image"
