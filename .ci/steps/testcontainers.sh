#!/usr/bin/env bash
# Database tests on a PostgreSQL that testcontainers starts: the way in is what is shown here, so some of them are enough.
. .ci/lib.sh
ensure_node_modules
ensure_postgres_image
export TEST_DATABASE=testcontainers TEST_POSTGRES_IMAGE=$postgres_image
vitest_through testcontainers test test/kivitendo/database.test.ts test/state/{drafts,settle}.test.ts
grep -q 'PostgreSQL for the tests: .*testcontainers' "$ci_logs/testcontainers.log" || die "The tests did not run on testcontainers."
