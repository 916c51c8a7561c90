#!/bin/sh
# Makes a fresh clone runnable: installs the packages of package-lock.json unless exactly these are there already.
# Runs before `npm run demo` and `npm test`, on whatever Node the machine has; everything later runs on the Node 26 in
# node_modules/.bin. Talks on standard error only: standard output belongs to the command.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.setup-stamp
wanted=$(cksum < package-lock.json)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
echo "Setting up: installing packages (once, about a minute) ..." >&2
npm ci --loglevel=error --no-audit --no-fund >&2
if ! node_modules/.bin/node --version > /dev/null; then
  echo "Node 26 was installed and does not start on this machine. When libatomic.so.1 is missing: apt-get install libatomic1" >&2
  exit 1
fi
printf '%s' "$wanted" > "$stamp"
