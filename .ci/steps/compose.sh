#!/usr/bin/env bash
# The whole of docker-compose.yml: customers arrive in the real Znuny, a closed ticket there becomes a draft in the database.
. .ci/lib.sh
ensure_postgres_image
ensure_node_image
ensure_addon
if docker compose version > /dev/null 2>&1; then
  compose=(docker compose)
else
  ensure_packages docker-compose
  compose=(docker-compose)
fi
export COMPOSE_PROJECT_NAME=kivi-ci POSTGRES_IMAGE=$postgres_image DEBIAN_IMAGE=$debian_image NODE_IMAGE=$node_image
ZNUNY_PORT=$(free_port)
KIVITENDO_DB_PORT=$(free_port)
export ZNUNY_PORT KIVITENDO_DB_PORT
"${compose[@]}" down --volumes --remove-orphans
clean_up() {
  local status=$?
  if [ "$status" != 0 ]; then "${compose[@]}" ps; "${compose[@]}" logs --no-color --tail 60; fi
  "${compose[@]}" down --volumes --remove-orphans --timeout 80
}
trap clean_up EXIT
"${compose[@]}" build
"${compose[@]}" up -d
note "$("${compose[@]}" version --short)"
[ "$("${compose[@]}" exec -T bridge id -u)" != 0 ] || die "The bridge runs as root."
note "$(node .ci/check-compose.mjs "http://127.0.0.1:$ZNUNY_PORT/otrs" "${compose[@]}")"
