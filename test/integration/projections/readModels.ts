/** Read models that are kept up to date in a real PostgreSQL from a log in memory: 900 steps of a dozen customers. */
import { expect } from 'chai';
import type pg from 'pg';
import { balanceOf } from '../../../domain/account/points.js';
import type { Fact } from '../../../domain/fact.js';
import { allProjections } from '../../../projections/all.js';
import { readCheckpoints } from '../../../projections/checkpoints.js';
import type { Feed } from '../../../projections/feed.js';
import {
  type RunningProjections,
  startProjections,
  type StartProjections,
} from '../../../projections/runner.js';
import { verify } from '../../../projections/verify.js';
import { simulate, type Simulation } from '../../unit/projections/simulation.js';
import { type Database, eventually, quiet, type Server, startServer } from './database.js';

const retry = { firstMs: 20, mostMs: 100, quietMs: 200 };

interface House {
  server: Server;
  database: Database;
  pool: pg.Pool;
  stopping: AbortController;
  running: RunningProjections[];
  told: Simulation;
  facts: readonly Fact[];
  head: bigint;
}

/** Opens the server for the suite that calls it, and for each of its tests a database and a signal that stops what it started. */
export const readModels = () => {
  const house = {} as House;

  before(async () => {
    house.server = await startServer();
    house.told = simulate({ seed: 7, customers: 12, steps: 900 });
    house.facts = house.told.facts;
    house.head = house.facts.at(-1)?.position ?? 0n;
  });
  after(() => house.server.stop());

  beforeEach(async () => {
    house.database = await house.server.database();
    house.pool = house.database.pool();
    house.stopping = new AbortController();
    house.running = [];
  });
  afterEach(async () => {
    house.stopping.abort();
    await Promise.all(house.running.map(({ stopped }) => stopped));
    await house.database.close();
  });

  const start = (feed: Feed, options: Partial<StartProjections> = {}): RunningProjections => {
    const signal = house.stopping.signal;
    const one = startProjections({
      feed,
      pool: house.pool,
      logger: quiet,
      signal,
      retry,
      ...options,
    });
    house.running.push(one);
    return one;
  };

  /** Those that run end; what is started from here on runs. */
  const stopAll = async (): Promise<void> => {
    house.stopping.abort();
    await Promise.all(house.running.map(({ stopped }) => stopped));
    house.stopping = new AbortController();
  };

  const positions = async (): Promise<Record<string, bigint>> =>
    Object.fromEntries(
      (await readCheckpoints(house.pool)).map(({ projection, position }) => [projection, position]),
    );
  const reach = (to: bigint, names = allProjections.map(({ name }) => name), ms?: number) =>
    eventually(
      async () => {
        const now = await positions();
        return names.every((name) => (now[name] ?? 0n) >= to);
      },
      `position ${to}`,
      ms,
    );

  const provesRight = async (feed: Feed, projections = allProjections): Promise<void> => {
    for (const projection of projections) {
      const { differences, rows } = await verify({
        feed,
        pool: house.pool,
        projection,
        signal: house.stopping.signal,
      });
      expect(differences, projection.name).to.deep.equal([]);
      const wanted = house.facts.some(({ type }) => projection.eventTypes.has(type));
      expect(
        Object.values(rows).some((count) => count > 0),
        projection.name,
      ).to.equal(wanted);
    }
  };

  const agreesWithTheDomain = async (schema = 'read', expected = house.told): Promise<void> => {
    const { rows } = await house.pool.query<Record<string, string>>(
      `select b.*, coalesce(l.lots, 0) as lots, coalesce(g.net, 0) as net from ${schema}.balances as b
        left join (select user_id, sum(remaining) as lots from ${schema}.lots group by 1) as l using (user_id)
        left join (select user_id, sum(points) as net from ${schema}.ledger group by 1) as g using (user_id)`,
    );
    expect(rows).to.have.length(expected.accounts.size);
    for (const row of rows) {
      const account = expected.accounts.get(row['user_id'] as never);
      const [active, pending, deficit] = ['active', 'pending', 'deficit'].map((n) =>
        Number(row[n]),
      );
      expect({ active, pending, deficit }).to.deep.equal(account && balanceOf(account.points));
      expect(Number(row['lots'])).to.equal(Number(active) + Number(pending));
      expect(Number(row['net'])).to.equal(Number(active) + Number(pending) - Number(deficit));
    }
  };

  return { house, start, stopAll, reach, positions, provesRight, agreesWithTheDomain };
};
