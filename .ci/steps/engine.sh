#!/usr/bin/env bash
# Docker's engine and the images that everything later stands on, made here because none can be pulled.
. .ci/lib.sh
ensure_engine
note "Docker $(docker version --format '{{.Server.Version}}')"
ensure_debian_image
ensure_postgres_image
ensure_node_image
note "images: Debian 12, PostgreSQL 15, Node 26"
