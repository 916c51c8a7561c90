#!/bin/sh
# Runs once in the PostgreSQL container: the sample company in a database shaped like kivitendo 4.1.0, owned by a role that
# is no superuser, as kivitendo's own.
set -eu
as_superuser() { psql -v ON_ERROR_STOP=1 --no-psqlrc -q -U "$POSTGRES_USER" "$@"; }
as_superuser -d postgres \
  -c "create role kivitendo login password 'throwaway-kivitendo'" \
  -c "create database kivitendo owner kivitendo encoding 'UTF8' template template0"
as_superuser -d kivitendo -c 'set role kivitendo' -f /sample/schema-4.1.0.sql -f /sample/company.sql
