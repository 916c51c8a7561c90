# shellcheck shell=bash
# Shared by .ci/run and the steps: what a step reports, packages, the Docker engine, images. Paths are relative to the root.
set -euo pipefail

ci_work=${KIVI_CI_WORK:-/var/tmp/kivi-ci}
ci_logs=$ci_work/logs
ci_results=$ci_work/results
CI_STEP=${CI_STEP:-}
ci_docker=$ci_work/docker
ci_pid=$ci_work/dockerd.pid
ci_images=.ci/images
debian_image=kivi-ci/debian:bookworm
postgres_image=kivi-ci/postgres:15
node_image=kivi-ci/node:26

# The classic builder and compose's own client are what Debian's packages hold.
export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0
# Ryuk is an image that cannot be pulled everywhere; every suite stops its own containers.
export TESTCONTAINERS_RYUK_DISABLED=true
# Ports are published on this machine; on one that is itself a container testcontainers would go through the gateway.
export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
if [ -S "$ci_work/docker.sock" ]; then export DOCKER_HOST=unix://$ci_work/docker.sock; fi

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# --- steps and their results ------------------------------------------------------------------------------------------

# One line about what a step showed, for the table: note "12 cases".
note() { printf '%s\n' "$*" >> "$ci_results/$CI_STEP.notes"; }
notes_of() { if [ -e "$ci_results/$1.notes" ]; then awk 'NR > 1 { printf "; " } { printf "%s", $0 }' "$ci_results/$1.notes"; fi; }

# Says that something was left out and why, and ends the step.
skip() {
  printf '%s\n' "$*" >> "$ci_results/$CI_STEP.skipped"
  note "SKIPPED: $*"
  exit 0
}

# Runs vitest through an npm script, adds its counts to the table, and refuses an empty run and (in CI) skipped tests.
#   vitest_through LABEL NPM_SCRIPT [ARGUMENTS OF VITEST]
vitest_through() {
  local label=$1 script=$2 json=$ci_results/$CI_STEP.$1.json
  shift 2
  local status=0 figures
  npm run "$script" -- --reporter=default --reporter=json --outputFile.json="$json" "$@" || status=$?
  figures=$(node .ci/count-tests.mjs "$json" "$ci_results/$CI_STEP.counts" "${CI:-}")
  note "$label: $figures"
  # Such a test says why; the step postgres15 insists that none is left over.
  if grep -q 'does not apply' "$ci_logs/$CI_STEP.log"; then note "$(grep -c 'does not apply' "$ci_logs/$CI_STEP.log") not applicable here, but in postgres15"; fi
  return "$status"
}

# --- packages ---------------------------------------------------------------------------------------------------------

on_debian_as_root() { [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; }

# Installs those of the named Debian packages that are missing; one step at a time, as two may run beside each other.
ensure_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg -s "$package" 2> /dev/null | grep -q '^Status: install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  on_debian_as_root || skip "needs the Debian packages ${missing[*]} and no right to install them"
  local apt=(flock -o "$ci_work/apt.lock" apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -qq)
  export DEBIAN_FRONTEND=noninteractive
  if [ ! -e "$ci_results/apt-updated" ]; then
    "${apt[@]}" update
    touch "$ci_results/apt-updated"
  fi
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

ensure_node_modules() { sh scripts/ensure-setup.sh; }

# --- Docker engine ----------------------------------------------------------------------------------------------------

engine_runs() { docker version --format '{{.Server.Version}}' > /dev/null 2>&1; }

# Uses the engine that answers, else starts one of its own on a socket of its own. No flag is needed beyond the paths.
ensure_engine() {
  engine_runs && return
  ensure_packages docker.io iptables
  mkdir -p "$ci_work"
  setsid dockerd --data-root "$ci_docker" --exec-root "$ci_work/exec" --pidfile "$ci_pid" \
    -H "unix://$ci_work/docker.sock" > "$ci_logs/dockerd.log" 2>&1 < /dev/null &
  export DOCKER_HOST=unix://$ci_work/docker.sock
  for _ in $(seq 60); do
    if engine_runs; then return; fi
    sleep 0.5
  done
  tail -20 "$ci_logs/dockerd.log" >&2
  die "The Docker engine did not start; its log is $ci_logs/dockerd.log"
}

# Process id of the engine that ensure_engine started and that still runs, else nothing.
own_engine() {
  local pid
  pid=$(cat "$ci_pid" 2> /dev/null) || return 0
  if [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = dockerd ]; then printf '%s' "$pid"; fi
}

stop_engine() {
  local pid
  pid=$(own_engine)
  if [ -n "${KIVI_CI_KEEP_ENGINE:-}" ]; then return; fi
  if [ -n "$pid" ]; then
    kill -TERM "$pid"
    for _ in $(seq 60); do
      [ -e "/proc/$pid" ] || break
      sleep 0.5
    done
  fi
  rm -f "$ci_pid" "$ci_work/docker.sock"
  # The engine leaves mounts of its network namespaces behind.
  awk -v below="$ci_work/" 'index($2, below) == 1 { print $2 }' /proc/mounts | while read -r mount; do umount "$mount"; done
}

forget_engine() {
  KIVI_CI_KEEP_ENGINE='' stop_engine
  unset DOCKER_HOST
  rm -rf --one-file-system "$ci_docker" "$ci_work/exec"
}

# --- images -----------------------------------------------------------------------------------------------------------

has_image() { docker image inspect "$1" > /dev/null 2>&1; }

ensure_debian_image() {
  ensure_engine
  has_image "$debian_image" && return
  ensure_packages debootstrap
  "$ci_images/make-debian.sh" "$debian_image"
}

ensure_postgres_image() {
  ensure_debian_image
  docker build -q -t "$postgres_image" --build-arg BASE_IMAGE="$debian_image" "$ci_images/postgres"
}

ensure_node_image() {
  ensure_debian_image
  ensure_node_modules
  local context
  context=$(mktemp -d "$ci_work/node-image.XXXXXX")
  cp "$ci_images/node/Dockerfile" "$context/"
  cp node_modules/node/bin/node "$context/"
  cp -r "$(npm root -g)/npm" "$context/npm"
  docker build -q -t "$node_image" --build-arg BASE_IMAGE="$debian_image" "$context"
  rm -rf "$context"
}

ensure_addon() {
  ensure_node_modules
  npm run build:addon
}

# --- PostgreSQL -------------------------------------------------------------------------------------------------------

# The test files that work on a database: those that use test/support/database.ts, straight or through other support.
database_tests() {
  local names=database known='' users
  while [ "$names" != "$known" ]; do
    known=$names
    users=$(grep -lE "\"\./($names)\.ts\"" test/support/*.ts | xargs -r -n 1 basename -s .ts)
    names=$(printf '%s\n%s\n' "${names//|/$'\n'}" "$users" | grep . | sort -u | paste -sd'|')
  done
  grep -rlE "support/($names)\.ts\"" test --include='*.test.ts' | grep -vE '^test/(znuny|containers|bench)/' | sort
}

# As the program itself chooses one; needs node_modules.
free_port() { node_modules/.bin/node -e 'import("./src/demo/free-port.ts").then(async ({ freePort }) => console.log(await freePort()))'; }
