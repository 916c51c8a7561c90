# The bridge as an image.
#   docker build -t kivi-otrs .
#   docker run -v /etc/kivitendo-otrs-bridge:/etc/kivitendo-otrs-bridge:ro kivi-otrs
# Any Debian-like image with Node 26 and npm serves as BASE_IMAGE.
ARG BASE_IMAGE=node:26-bookworm-slim
FROM ${BASE_IMAGE} AS packages
WORKDIR /opt/kivitendo-otrs-bridge
COPY package.json package-lock.json .npmrc ./
# Optional packages are the binaries of the demo's embedded PostgreSQL; the service works on kivitendo's database.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --loglevel=error

ARG BASE_IMAGE
FROM ${BASE_IMAGE}
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin kivi-otrs
WORKDIR /opt/kivitendo-otrs-bridge
COPY --from=packages /opt/kivitendo-otrs-bridge/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY config config
COPY helpdesk-addon helpdesk-addon
COPY sql sql
COPY src src
RUN ln -s /opt/kivitendo-otrs-bridge/bin/kivi-otrs /usr/local/bin/kivi-otrs
ENV NODE_ENV=production
USER kivi-otrs
ENTRYPOINT ["kivi-otrs"]
CMD ["run", "--config", "/etc/kivitendo-otrs-bridge/bridge.yaml"]
