/** What SQL says of all accounts, and what the domain says of each: the same, for random histories and definitions. */
import { expect } from 'chai';
import fc from 'fast-check';
import type pg from 'pg';
import type { TenantId } from '../../../domain/ids.js';
import { compileForAccount } from '../../../domain/segment/conditionTree.js';
import type { SegmentDefinition } from '../../../domain/segment/definition.js';
import { type AccountFigures, dayMs, purchasesWithin } from '../../../domain/segment/figures.js';
import { cellOf, type Rfm, type RfmFigures, scalesOf } from '../../../domain/segment/rfm.js';
import { allProjections } from '../../../projections/all.js';
import { fill } from '../../../projections/fill.js';
import { openProjection } from '../../../projections/open.js';
import {
  countAccounts,
  differencesIn,
  nextRange,
  previewOf,
} from '../../../projections/segments/evaluate.js';
import { scalesFor } from '../../../projections/segments/wanted.js';
import { createMemoryFeed } from '../../unit/projections/memoryFeed.js';
import { type Database, type Server, startServer } from '../projections/database.js';
import { kinds, rfm, tree } from './definitions.js';
import { figuresOf, history, type History, start, tellFacts, userOf } from './histories.js';

const needed = ['balances', 'customers', 'purchases', 'tills', 'tiers', 'segments'];

describe('the members of a segment, found by SQL', function () {
  this.timeout(120_000);
  const tenants = ['one', 'two', 'three', 'four'] as TenantId[];
  const histories = new Map<TenantId, History[]>(
    tenants.map((tenant, n) => [tenant, fc.sample(history, 12 * 3 ** n).slice(0, 120)]),
  );
  let server: Server;
  let database: Database;
  let pool: pg.Pool;

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    const facts = tellFacts(histories);
    const targets = [];
    for (const projection of allProjections.filter(({ name }) => needed.includes(name))) {
      targets.push(await openProjection(pool, projection));
    }
    const until = { position: facts.at(-1)?.position ?? 0n };
    const { signal } = new AbortController();
    await fill({ feed: createMemoryFeed(facts), pool, targets, until, signal });
  });
  after(async () => {
    await database.close();
    await server.stop();
  });

  /** In pages of so many accounts. */
  const bySql = async (
    tenant: TenantId,
    definition: SegmentDefinition,
    asOf: number,
    pageSize: number,
  ): Promise<string[]> => {
    const scales = await scalesFor(pool, { tenant, definition, asOf });
    const question = { tenant, segmentId: 'none', definition, asOf, scales };
    const found: string[] = [];
    for (let after: string | null = null; ;) {
      const range = await nextRange(pool, tenant, after, pageSize);
      const { add, remove } = await differencesIn(pool, question, range);
      expect(remove).to.deep.equal([]);
      found.push(...add.map(({ userId, cell }) => (cell ? `${userId} ${cell}` : userId)));
      if (range.upTo === null) return found;
      after = range.upTo;
    }
  };

  const openAccounts = (tenant: TenantId): [string, AccountFigures][] =>
    (histories.get(tenant) ?? []).flatMap((one, n): [string, AccountFigures][] => {
      const figures = figuresOf(one);
      return figures ? [[userOf(n), figures]] : [];
    });

  const asOf = fc
    .tuple(fc.integer({ min: 0, max: 45 }), fc.constantFrom(0, 1))
    .map(([day, offset]) => start + day * dayMs + offset);
  const tenant = fc.constantFrom(...tenants);
  const pageSize = fc.constantFrom(5, 50, 1_000);

  it('by conditions are those whom the domain finds, in pages of any size', async () => {
    const asked = new Set<string>();
    let members = 0;
    await fc.assert(
      fc.asyncProperty(tenant, tree, asOf, pageSize, async (of, when, at, size) => {
        for (const kind of kinds) if (JSON.stringify(when).includes(`"${kind}"`)) asked.add(kind);
        const test = compileForAccount(when);
        const expected = openAccounts(of)
          .filter(([, figures]) => test(figures, at))
          .map(([userId]) => userId);
        members += expected.length;
        const found = await bySql(of, { kind: 'dynamic', when }, at, size);
        expect(found).to.deep.equal(expected.sort());
      }),
      { numRuns: 150 },
    );
    expect([...asked].sort(), 'conditions that were tried').to.deep.equal([...kinds].sort());
    expect(members).to.be.greaterThan(500);
  });

  it('by RFM are in the cells in which the domain puts them', async () => {
    await fc.assert(
      fc.asyncProperty(tenant, rfm, asOf, pageSize, async (of, definition, at, size) => {
        const found = await bySql(of, definition, at, size);
        expect(found).to.deep.equal(cellsByDomain(openAccounts(of), definition, at));
        const preview = await previewOf(pool, {
          tenant: of,
          definition,
          asOf: at,
          withinMs: 5_000,
        });
        expect(preview.members).to.equal(found.length);
        const inGroups = preview.groups.reduce((sum, group) => sum + group.members, 0);
        expect(inGroups, 'the usual groups cover every cell').to.equal(found.length);
      }),
      { numRuns: 60 },
    );
  });

  it('of another programme are not counted', async () => {
    expect(await countAccounts(pool, 'one')).to.equal(
      histories.get(tenants[0] as TenantId)?.length,
    );
    expect(await countAccounts(pool, 'nosuch')).to.equal(0);
  });
});

const cellsByDomain = (
  accounts: readonly [string, AccountFigures][],
  definition: Rfm,
  asOf: number,
): string[] => {
  const figures = accounts.flatMap(([userId, account]): [string, RfmFigures][] => {
    const bought = purchasesWithin(account, definition.days, asOf);
    if (bought.length === 0) return [];
    const lastPurchaseAt = Math.max(...bought.map(({ at }) => at));
    const net = bought.reduce((sum, purchase) => sum + purchase.net, 0);
    return [[userId, { lastPurchaseAt, purchases: bought.length, net }]];
  });
  const scales = scalesOf(
    definition,
    figures.map(([, one]) => one),
    asOf,
  );
  return figures.map(([userId, one]) => `${userId} ${cellOf(one, scales)}`).sort();
};
