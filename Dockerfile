# The lab server with simulated clusters inside, as a user without rights: docker build -t quayside .
# How to run it, and what it needs for its sandboxes, is in compose.yaml.

ARG NODE_IMAGE=node:24-trixie-slim
ARG BASE_IMAGE=debian:trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
# Compressed pages, the threads' program, kubectl and Helm: a start makes and fetches nothing.
RUN npm prune --omit=dev && npm run image -- /opt/quayside/bin

FROM ${BASE_IMAGE}
# What readers find in their shells, beside kubectl, Helm and the system's own: curl, jq, less, nano, ps.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends bubblewrap ca-certificates curl jq less nano procps \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --no-create-home --home-dir /data quayside \
  && install -d -o quayside -g quayside -m 700 /data
COPY --from=build /opt/quayside/bin/ /usr/local/bin/
COPY --from=build /app /app
WORKDIR /app
USER quayside
# Node comes with the packages.
ENV PATH=/app/node_modules/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production \
    QUAYSIDE_DATA=/data \
    QUAYSIDE_HOST=0.0.0.0 \
    QUAYSIDE_PORT=4321 \
    QUAYSIDE_PROVIDER=embedded
VOLUME /data
EXPOSE 4321
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:4321/healthz"]
CMD ["node", "--disable-warning=ExperimentalWarning", "lab-server/main.ts"]
