# One image for every role; docker-compose.yml says which role a container plays.

FROM node:20.19.5-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund \
  # SQL files are read from where they lie, so the folders stay; sources, tests and benches do not.
  && rm -rf test bench dist/test dist/bench docs deploy \
  && find . -path ./node_modules -prune -o -name '*.ts' -type f -exec rm {} +

FROM node:20.19.5-bookworm-slim
ENV NODE_ENV=production \
  KOPILKA_HOST=0.0.0.0 \
  KOPILKA_PORT=7780 \
  KOPILKA_DATA=/data \
  KOPILKA_LOG_FORMAT=json
WORKDIR /app
COPY --from=build --chown=root:root /app ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 7780
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.KOPILKA_PORT}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=64", "--initial-old-space-size=64", "--single-threaded-gc", "--no-flush-bytecode", "--enable-source-maps", "dist/cli/main.js"]
CMD ["start"]
