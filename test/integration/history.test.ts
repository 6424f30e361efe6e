import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { History, HistoryFilter } from '../../api/audit/history.js';
import type { Log } from '../../commands/log.js';
import type { Fact, NewFact } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import { eventDefinitions } from '../../domain/registry.js';
import { startEventStoreThread } from '../../embedded/eventstore/startThread.js';
import { startPostgres } from '../../embedded/postgres/startPostgres.js';
import { connect, createLog, disconnect } from '../../platform/eventstore/client.js';
import { createCodec } from '../../platform/eventstore/codec.js';
import { createHistory, historyLimits } from '../../platform/eventstore/history.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const one = 'one' as TenantId;
const other = 'other' as TenantId;

const revoked = (tenant: TenantId, reason: string, correlationId = 'c-1'): NewFact => ({
  id: randomUUID(),
  type: 'TillRevoked',
  data: { reason },
  metadata: {
    tenant,
    actor: { kind: 'operator', id: 'ann' },
    correlationId,
    causationId: correlationId,
    commandId: randomUUID(),
    occurredAt: '2020-01-01T00:00:00.000Z',
    schemaVersion: 1,
    fingerprint: '',
  },
});

describe('the history in the embedded log', function () {
  this.timeout(120_000);

  const closing: (() => unknown)[] = [];
  let log: Log;
  let history: History;
  let narrow: History;

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'kopilka-history-'));
    chmodSync(dataDir, 0o755);
    closing.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const postgres = await startPostgres({ dataDir, logger });
    closing.push(() => postgres.stop());
    await postgres.ensureDatabase('log');
    const store = await startEventStoreThread({ postgres: postgres.connection('log'), logger });
    closing.push(() => store.stop());
    const client = connect(store.connectionString);
    closing.push(() => disconnect(client));
    const codec = createCodec(eventDefinitions);
    log = createLog(client, codec);
    history = createHistory(client, codec);
    narrow = createHistory(client, codec, { ...historyLimits, scanMax: 1 });
    // 5,000 of one tenant, with a few of another among them: more than one request reads.
    for (let batch = 0; batch < 10; batch += 1) {
      const facts = Array.from({ length: 500 }, (_, i) => revoked(one, `${batch * 500 + i}`));
      await log.append(`till-one.t${batch}`, 'noStream', facts);
      await log.append('till-other.t', 'any', [revoked(other, `${batch}`, 'c-2')]);
    }
  });

  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const all = async (by: History, filter: HistoryFilter, limit: number): Promise<Fact[]> => {
    const found: Fact[] = [];
    let before: bigint | null = null;
    do {
      const page = await by.search(filter, { before, limit });
      found.push(...page.facts);
      before = page.next;
    } while (before !== null);
    return found;
  };
  const reasonsOf = (facts: readonly Fact[]) =>
    facts.map((fact) => (fact.data as { reason: string }).reason);

  it('is searched newest first, every fact once, whatever the size of a page', async () => {
    const whole = reasonsOf(await all(history, { tenant: one }, 10_000));
    expect(whole).to.have.length(5_000);
    expect(whole.slice(0, 2)).to.deep.equal(['4999', '4998']);
    expect(reasonsOf(await all(history, { tenant: one }, 1_700))).to.deep.equal(whole);
  });

  it('answers a cursor where nothing was found yet, and goes on from it', async () => {
    const filter = { tenant: other, correlationId: 'c-2' };
    const first = await narrow.search(filter, { before: null, limit: 10 });
    expect(first.next).not.to.equal(null);
    expect(reasonsOf(await all(narrow, filter, 10))).to.deep.equal([
      '9',
      '8',
      '7',
      '6',
      '5',
      '4',
      '3',
      '2',
      '1',
      '0',
    ]);
  });

  it('ends at the time that is asked for', async () => {
    const future = { tenant: one, since: Date.now() + 3_600_000 };
    const page = await history.search(future, { before: null, limit: 10 });
    expect(page).to.deep.include({ facts: [], next: null });
    expect(page.scanned).to.equal(1);
  });

  it('reads a stream both ways, page by page', async () => {
    const forwards = { direction: 'forwards', limit: 300 } as const;
    const first = await history.stream('till-one.t3', { ...forwards, from: null });
    expect(reasonsOf(first.facts).at(0)).to.equal('1500');
    expect(first.next).to.equal(300);
    const second = await history.stream('till-one.t3', { ...forwards, from: first.next });
    expect(second.facts).to.have.length(200);
    expect(second.next).to.equal(null);
    const backwards = { direction: 'backwards', limit: 2 } as const;
    const last = await history.stream('till-one.t3', { ...backwards, from: null });
    expect(reasonsOf(last.facts)).to.deep.equal(['1999', '1998']);
    expect(last.next).to.equal(497);
  });

  it('has nothing of a stream that does not exist', async () => {
    const nothing = { direction: 'forwards', from: null, limit: 5 } as const;
    expect(await history.stream('till-one.none', nothing)).to.deep.equal({ facts: [], next: null });
  });
});
