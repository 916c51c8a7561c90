#!/usr/bin/env bash
# Starts the Znuny that install-znuny.sh installed.
#   start-znuny.sh                   runs it in the foreground until SIGTERM (the image's entry point)
#   start-znuny.sh with COMMAND...   starts it, runs COMMAND, stops it, and ends with COMMAND's exit code
set -euo pipefail
home=${ZNUNY_HOME:-/var/lib/kivi-znuny}
web_port=${ZNUNY_PORT:-8080}
pg_bin=/usr/lib/postgresql/15/bin

start_database() {
  # A killed container leaves the lock file of a server that no longer runs.
  rm -f "$home/pg/postmaster.pid"
  runuser -u postgres -- "$pg_bin/pg_ctl" -D "$home/pg" -l "$home/pg/server.log" -w start > /dev/null
}

start_web() {
  install -d -o otrs -g www-data -m 2775 /run/otrs
  rm -f /run/apache2/apache2.pid
  # A session of its own: apache2 ends its whole process group with itself.
  setsid apache2ctl -D FOREGROUND "$@" &
  web=$!
  for _ in $(seq 60); do
    if curl -fsS -m 20 -o /dev/null "http://127.0.0.1:$web_port/otrs/public.pl" 2> /dev/null; then return; fi
    kill -0 "$web" 2> /dev/null || break
    sleep 0.5
  done
  echo "start-znuny: the web server does not answer" >&2
  tail -20 /var/log/apache2/error.log >&2
  exit 1
}

stop_all() {
  trap - EXIT
  trap '' TERM INT
  apache2ctl stop > /dev/null 2>&1 || true
  wait "${web:-}" 2> /dev/null || true
  runuser -u postgres -- "$pg_bin/pg_ctl" -D "$home/pg" -m fast -w stop > /dev/null 2>&1 || true
}

trap stop_all EXIT
trap 'stop_all; exit 0' TERM INT
start_database
if [ "${1:-}" = with ]; then
  shift
  start_web
  "$@"
else
  # Debian's configuration looks at every Perl module at every request, a fifth of its time; here none changes any more.
  start_web -c 'PerlSetVar ReloadAll Off'
  echo "start-znuny: ready on port $web_port"
  wait "$web"
fi
