# syntax=docker/dockerfile:1
# Worker and token server: `docker build -t turnwise .`; with local providers: `docker build --target local-providers .`
# Debian, never Alpine: @livekit/rtc-node and the turn model have no musl build.

FROM node:24-bookworm-slim AS build
ENV ONNXRUNTIME_NODE_INSTALL=skip
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node scripts/build.mjs

FROM node:24-bookworm-slim AS packages
ENV ONNXRUNTIME_NODE_INSTALL=skip
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

FROM python:3.11-slim-bookworm AS speech
COPY scripts/speech-requirements.txt /tmp/
RUN python3 -m pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: --target /speech/python -r /tmp/speech-requirements.txt \
  && echo '{"schema":1,"python":"/usr/bin/python3"}' > /speech/engines.json

FROM node:24-bookworm-slim AS base
# The native WebRTC library takes its certificate authorities from the system.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
# Orders and caches are all that is written; the image's files belong to root and stay as they are.
RUN mkdir .cache && chown node:node .cache
VOLUME /app/.cache
USER node
# A stop lets calls end: give it the time (`docker stop -t 600`, `terminationGracePeriodSeconds`).
STOPSIGNAL SIGTERM

FROM base AS local-providers
USER root
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
# The language model is made from the assistant's vocabulary at the first start, beside the recogniser.
COPY --from=speech --chown=node:node /speech /opt/speech-engines
COPY local-providers/offline/recogniser/*.py ./local-providers/offline/recogniser/
ENV SPEECH_ENGINES_DIR=/opt/speech-engines PYTHON=/usr/bin/python3
USER node
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.LOCAL_PROVIDERS_PORT || 8790}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/local-providers/main.js"]

# The last stage is what `docker build .` makes. The token server is the same image: `docker run … node dist/token-server/main.js`.
FROM base AS worker
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT || 8081}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/agent/main.js"]
