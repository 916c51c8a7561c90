#!/usr/bin/env bash
# The database tests once more, on a PostgreSQL that testcontainers starts.
. .ci/lib.sh
ensure_node_modules
ensure_postgres_image
mapfile -t files < <(database_tests)
[ ${#files[@]} -gt 0 ] || die "There are no database tests."
export TEST_DATABASE=testcontainers TEST_POSTGRES_IMAGE=$postgres_image
vitest_through testcontainers test "${files[@]}"
grep -q 'PostgreSQL for the tests: .*testcontainers' "$ci_logs/testcontainers.log" || die "The tests did not run on testcontainers."
