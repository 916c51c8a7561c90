#!/usr/bin/env bash
# Creates the cluster on the first start, runs /docker-entrypoint-initdb.d on a server without network, then becomes the server.
set -euo pipefail
case "${1:-postgres}" in -*) set -- postgres "$@" ;; esac
[ "${1:-postgres}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

run_init_file() {
  echo "$0: running $1"
  case "$1" in
    *.sh) bash "$1" ;;
    *.sql) psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "$user" -d "$database" -f "$1" ;;
    *.sql.gz) gunzip -c "$1" | psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "$user" -d "$database" ;;
    *) echo "$0: ignoring $1" ;;
  esac
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  [ -n "${POSTGRES_PASSWORD:-}" ] || { echo "$0: set POSTGRES_PASSWORD" >&2; exit 1; }
  # Unquoted on purpose: the variable holds several arguments.
  # shellcheck disable=SC2086
  initdb -D "$PGDATA" -U "$user" ${POSTGRES_INITDB_ARGS:-} -E UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
  printf 'host all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
  printf "listen_addresses = '*'\n" >> "$PGDATA/postgresql.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  [ "$database" = postgres ] || createdb -U "$user" "$database"
  for file in /docker-entrypoint-initdb.d/*; do
    if [ -e "$file" ]; then run_init_file "$file"; fi
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo "PostgreSQL init process complete; ready for start up."
fi
exec "$@"
