# syntax=docker/dockerfile:1

# The packages of production: neither the development tools nor the embedded Postgres.
FROM node:24-slim AS packages
WORKDIR /kist
COPY package.json package-lock.json .npmrc ./
# Without the embedded Postgres and the native msgpack, which are optional packages, no script is needed.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /kist
COPY --from=packages /kist/node_modules node_modules
COPY . .
# For the key that seals are signed with: one for all processes, so a volume in production.
RUN mkdir /keys && chown node:node /keys
USER node
EXPOSE 7300 7301
# The API answers on its own port, workers and clocks on the one for operations.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "-e", "\
  const live = (port) => fetch('http://127.0.0.1:' + port + '/health/live').then((answer) => answer.ok || Promise.reject()); \
  Promise.any([process.env.KIST_OPS_PORT || 7301, process.env.KIST_PORT || 7300].map(live)).catch(() => process.exit(1))"]
# Signals go straight to Kist, which stops gracefully on SIGTERM.
ENTRYPOINT ["node", "src/main.ts"]
CMD []
