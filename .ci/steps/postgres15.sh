#!/usr/bin/env bash
# The database tests once more, on Debian's PostgreSQL 15 in a throw-away cluster on loopback.
. .ci/lib.sh
ensure_node_modules
ensure_packages postgresql-common
# Debian's package would otherwise make and start a cluster of the machine.
if [ "$(id -u)" = 0 ]; then sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf; fi
ensure_packages postgresql-15
bin=/usr/lib/postgresql/15/bin
cluster=$(mktemp -d /var/tmp/kivi-pg15.XXXXXX)
port=$(free_port)
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
echo throwaway > "$cluster/password"
if [ "$(id -u)" = 0 ]; then chown -R postgres: "$cluster"; fi
as_postgres "$bin/initdb" -D "$cluster/data" -U postgres -A scram-sha-256 --pwfile="$cluster/password" -E UTF8 --locale=C.UTF-8 > /dev/null
as_postgres "$bin/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w start \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
stop_cluster() {
  as_postgres "$bin/pg_ctl" -D "$cluster/data" -m fast -w stop > /dev/null || true
  rm -rf --one-file-system "$cluster"
}
trap stop_cluster EXIT
# Kills, cuts and random histories have been run on PostgreSQL 18 and take minutes; what they show does not hang on the version.
mapfile -t files < <(database_tests | grep -vE '^test/flows/(kill|cut|customers-swaps|customers-property)\.test\.ts$')
[ ${#files[@]} -gt 0 ] || die "There are no database tests."
export TEST_DATABASE_URL=postgres://postgres:throwaway@127.0.0.1:$port/postgres
vitest_through postgresql-15 test "${files[@]}"
grep -q 'PostgreSQL for the tests: 15\.' "$ci_logs/postgres15.log" || die "The tests did not run on PostgreSQL 15."
# Elsewhere some tests of dump and restore say that they do not apply for want of a matching pg_dump; here they must.
if grep 'does not apply' "$ci_logs/postgres15.log"; then die "A test did not apply on PostgreSQL 15, where pg_dump matches."; fi
