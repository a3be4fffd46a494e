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
USER node
EXPOSE 7300 7301
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.KIST_OPS_PORT || 7301) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Signals go straight to Kist, which stops gracefully on SIGTERM.
ENTRYPOINT ["node", "src/main.ts"]
CMD []
