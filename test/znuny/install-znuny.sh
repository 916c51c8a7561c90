#!/usr/bin/env bash
# Installs a real Znuny 6.5 (Debian 12's package otrs2, section non-free) with a PostgreSQL cluster of its own, apache2 and
# mod_perl, for tests: throw-away passwords, no durability, no mail, no daemon. Needs root and nothing but Debian's packages.
# This is the half that `docker build` runs; start-znuny.sh starts what it leaves behind.
#   ZNUNY_HOME      the cluster and the logs        /var/lib/kivi-znuny
#   ZNUNY_DB_PORT   PostgreSQL, loopback only       5432
#   ZNUNY_PORT      apache2, on all addresses       8080
set -euo pipefail
home=${ZNUNY_HOME:-/var/lib/kivi-znuny}
db_port=${ZNUNY_DB_PORT:-5432}
web_port=${ZNUNY_PORT:-8080}
pg_bin=/usr/lib/postgresql/15/bin
log=$home/install.log
export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1

apt() { apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -qq "$@"; }
say() { echo "install-znuny: $*"; }
fail() { say "$*" >&2; [ ! -e "$log" ] || tail -30 "$log" >&2; exit 1; }

# The machine's own Debian source once more, with the section that holds otrs2.
add_nonfree() {
  apt update
  apt-cache show otrs2 > /dev/null 2>&1 && return
  if [ -e /etc/apt/sources.list.d/debian.sources ]; then
    sed -E 's/^Components:.*/Components: contrib non-free/' /etc/apt/sources.list.d/debian.sources > /etc/apt/sources.list.d/nonfree.sources
  else
    sed -nE 's/^(deb .*) main.*$/\1 contrib non-free/p' /etc/apt/sources.list > /etc/apt/sources.list.d/nonfree.list
  fi
  apt update
  apt-cache show otrs2 > /dev/null 2>&1 || fail "package otrs2 is not to be had: does the mirror carry non-free?"
}

# librest-client-perl is no dependency of otrs2, but its REST transport does not load without it.
install_parts() {
  apt install -y --no-install-recommends postgresql-common debconf curl ca-certificates
  sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  echo 'otrs2 otrs2/dbconfig-install boolean false' | debconf-set-selections
  apt install -y --no-install-recommends postgresql-15 apache2 libapache2-mod-perl2 libdbd-pg-perl librest-client-perl
}

create_cluster() {
  install -d -o postgres -g postgres -m 700 "$home/pg"
  runuser -u postgres -- "$pg_bin/initdb" -D "$home/pg" -E UTF8 --locale=C.UTF-8 -A trust
  cat >> "$home/pg/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $db_port
unix_socket_directories = '$home/pg'
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
  runuser -u postgres -- "$pg_bin/pg_ctl" -D "$home/pg" -l "$home/pg/server.log" -w start
}

# The schema must stand before the package is configured, so its SQL is taken out of the package file first.
load_schema() {
  local unpacked
  unpacked=$(mktemp -d)
  (cd "$unpacked" && apt-get -o APT::Sandbox::User=root -qq download otrs2)
  dpkg-deb --fsys-tarfile "$unpacked"/otrs2_*.deb | tar -x -C "$unpacked" --wildcards './usr/share/otrs/scripts/database/*.postgresql.sql'
  psql -h 127.0.0.1 -p "$db_port" -U postgres -q -c "create role otrs login password 'otrs'" \
    -c "create database otrs owner otrs encoding 'UTF8' template template0"
  for part in schema initial_insert schema-post; do
    PGOPTIONS='--client-min-messages=warning' psql -h 127.0.0.1 -p "$db_port" -U otrs -d otrs -q -v ON_ERROR_STOP=1 \
      -f "$unpacked/usr/share/otrs/scripts/database/$part.postgresql.sql" > /dev/null
  done
  rm -rf "$unpacked"
}

write_database_pm() {
  mkdir -p /etc/otrs
  {
    echo "our \$dbuser='otrs'; our \$dbpass='otrs'; our \$basepath=''; our \$dbname='otrs';"
    echo "our \$dbserver='127.0.0.1'; our \$dbport='$db_port'; our \$dbtype='pgsql';"
    echo '1;'
  } > /etc/otrs/database.pm
}

# dbconfig-common may put its own empty database.pm in the place of ours while the package is configured.
install_znuny() {
  write_database_pm
  install -d -m 2775 /run/otrs
  apt install -y --no-install-recommends otrs2 || true
  grep -q "dbport='$db_port'" /etc/otrs/database.pm || write_database_pm
  chown otrs:www-data /etc/otrs/database.pm /run/otrs
  chmod 640 /etc/otrs/database.pm
  dpkg --configure --pending
  dpkg -s otrs2 | grep -q '^Status: install ok installed' || fail "package otrs2 did not come to be installed"
  rm -f /etc/cron.d/otrs2
}

console() {
  runuser -u otrs -- /bin/sh -c 'cd /usr/share/otrs && exec bin/otrs.Console.pl "$@"' console "$@"
}

# MX look-ups must be off where there is no DNS: each would take seconds and refuse the address.
configure_znuny() {
  sed -i 's/^    # \$Self->{CheckMXRecord} = 0;/    $Self->{CheckMXRecord} = 0;/' /etc/otrs/Kernel/Config.pm
  grep -q '^ *\$Self->{CheckMXRecord} = 0;' /etc/otrs/Kernel/Config.pm || fail "CheckMXRecord could not be switched off"
  console Maint::Config::Rebuild
  console Admin::User::SetPassword root@localhost throwaway-root
  console Admin::Group::Add --name timeaccounting_webservice
  console Admin::Group::Add --name kivitendo_bridge
  console Admin::User::Add --user-name bridge --first-name Kivi --last-name Bridge \
    --email-address bridge@kivi-test.de --password throwaway-bridge --group users
  for group in users timeaccounting_webservice kivitendo_bridge; do
    console Admin::Group::UserLink --user-name bridge --group-name "$group" --permission rw
  done
  console Admin::Queue::Add --name Support --group users
}

# apache2 runs as otrs so that files made by console commands and by requests have one owner.
configure_apache() {
  sed -i 's/^export APACHE_RUN_USER=.*/export APACHE_RUN_USER=otrs/' /etc/apache2/envvars
  echo "Listen $web_port" > /etc/apache2/ports.conf
  rm -f /etc/apache2/sites-enabled/*
  cat > /etc/apache2/conf-available/kivi-znuny.conf <<CONF
ServerName localhost
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 15
# A process compiles much of Perl before its first answer: one that has begun is kept.
StartServers 3
MinSpareServers 1
MaxSpareServers 16
MaxRequestWorkers 16
CONF
  a2dismod -q -f mpm_event mpm_worker
  a2enmod -q mpm_prefork perl headers rewrite deflate filter
  a2enconf -q otrs2 kivi-znuny
  apache2ctl configtest
}

mkdir -p "$home"
chmod 755 "$home"
# Package scripts must not start daemons on their default ports.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
for phase in add_nonfree install_parts create_cluster load_schema install_znuny configure_znuny configure_apache; do
  say "$phase"
  # A subshell of its own: inside `if` or `||` a failing command would not end the phase.
  set +e
  (set -e; "$phase") >> "$log" 2>&1 < /dev/null
  status=$?
  set -e
  [ "$status" = 0 ] || fail "$phase failed ($status)"
done
runuser -u postgres -- "$pg_bin/pg_ctl" -D "$home/pg" -m fast -w stop > /dev/null
say "done: $(sed -n 's/^VERSION *= *//p' /usr/share/otrs/RELEASE)"
