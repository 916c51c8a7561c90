#!/usr/bin/env bash
# What can differ by the server's version once more, on Debian's PostgreSQL 15 in a throw-away cluster on loopback: every SQL
# statement of ours by the tests of the modules it stands in, roles and rights, migrations, dump and restore, kivitendo's
# schemas, views and drafts, triggers and notifications, the set-up. Whatever only combines these in another order or with
# another helpdesk asks the server nothing new; of each flow, the tests of its usual course run here as well.
. .ci/lib.sh
ensure_node_modules
ensure_packages postgresql-common
# Debian's package would otherwise make and start a cluster of the machine.
if [ "$(id -u)" = 0 ]; then sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf; fi
ensure_packages postgresql-15
bin=/usr/lib/postgresql/15/bin
# In memory where there is room, as the tests' own server: each test clones and drops a database of hundreds of files.
place=/var/tmp
if [ "$(stat -f -c %T /dev/shm)" = tmpfs ] && [ "$(df --output=avail /dev/shm | tail -1)" -ge 3000000 ]; then place=/dev/shm; fi
cluster=$(mktemp -d "$place/kivi-pg15.XXXXXX")
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
modules='^test/(state|kivitendo|billing)/|^test/demo/kivitendo-'
usual=(test/flows/{customers,billing,export}.test.ts)
mapfile -t files < <({ database_tests | grep -E "$modules"; printf '%s\n' "${usual[@]}"; } | sort)
for file in "${files[@]}"; do [ -e "$file" ] || die "There is no $file."; done
export TEST_DATABASE_URL=postgres://postgres:throwaway@127.0.0.1:$port/postgres
vitest_through postgresql-15 test "${files[@]}"
grep -q 'PostgreSQL for the tests: 15\.' "$ci_logs/postgres15.log" || die "The tests did not run on PostgreSQL 15."
# Elsewhere some tests of dump and restore say that they do not apply for want of a matching pg_dump; here they must.
if grep 'does not apply' "$ci_logs/postgres15.log"; then die "A test did not apply on PostgreSQL 15, where pg_dump matches."; fi
