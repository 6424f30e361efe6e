/**
 * Rival (c): what a user would build instead: Express, the body checked by ajv, a transaction with pg. Its PostgreSQL is a server
 * of its own under the settings of the embedded one, so that neither disturbs the other's cache.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import express, { type NextFunction, type Request, type Response } from 'express';
import pg from 'pg';
import { startPostgres } from '../../embedded/postgres/startPostgres.js';
import { packageRoot } from '../../platform/packageRoot.js';
import { answerParent } from '../child.js';
import type { PurchaseBody } from '../load/receipts.js';
import { confirmInTables, type Style, UnknownCustomer } from './crud.js';
import { purchaseSchema } from './purchaseSchema.js';

export interface CrudPlan {
  readonly dataDir: string;
  readonly users: readonly string[];
  readonly poolSize: number;
  readonly style: Style;
}

export interface CrudStarted {
  readonly url: string;
  readonly postgresPid: number;
}

const quiet = () => undefined;
let close = async (): Promise<void> => {};

const start = async ({ dataDir, users, poolSize, style }: CrudPlan): Promise<CrudStarted> => {
  const logger = { info: quiet, warn: console.warn, error: console.error };
  const postgres = await startPostgres({ dataDir, logger });
  close = () => postgres.stop();
  await postgres.ensureDatabase('shop');
  const reached =
    style === 'tuned' ? postgres.connection('shop') : { connectionString: postgres.url('shop') };
  const pool = new pg.Pool({ ...reached, max: poolSize });
  await pool.query(readFileSync(join(packageRoot, 'bench/confirm/crud.sql'), 'utf8'));
  await pool.query('insert into balances (user_id) select unnest($1::text[])', [users]);
  await pool.query('vacuum analyze balances');

  const isPurchase = new Ajv().compile<PurchaseBody>(purchaseSchema);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.json());
  app.post('/pos/v1/users/:userId/purchases', async (request, response) => {
    const body: unknown = request.body;
    if (!isPurchase(body)) {
      response.status(400).json({ faults: isPurchase.errors });
      return;
    }
    response.json(await confirmInTables(pool, style, request.params.userId, body));
  });
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (!(error instanceof UnknownCustomer)) return next(error);
    response.status(404).json({ detail: error.message });
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = async () => {
    server.closeAllConnections();
    server.close();
    // The pool ends before its connections do, and the server tells those that it ends.
    pool.on('error', quiet);
    await pool.end();
    await postgres.stop();
  };
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, postgresPid: postgres.pid };
};

answerParent(start, () => close());
