/** What is left of a stream of deliveries when its old records went: enough to know what is still to do. */
import { expect } from 'chai';
import fc from 'fast-check';
import { ledgerKey, readLedger } from '../../../commands/delivery/ledgers.js';
import type { SubscriptionRecord } from '../../../commands/subscriptions.js';
import type { Attempt, DeliveryEvent } from '../../../domain/delivery/events.js';
import { jsonOfLedger, type Ledger } from '../../../domain/delivery/ledger.js';
import type { PartnerId, SubscriptionId, TenantId, TopicId } from '../../../domain/ids.js';
import { createMemoryLog, type MemoryLog } from '../../../platform/memory/log.js';
import { createRetention, cutBefore, type Retention } from '../../../workers/webhook/retention.js';

const day = 86_400_000;
const keptMs = 90 * day;
const record = {
  ...{ tenant: 'demo' as TenantId, subscriptionId: 'sub_1' as SubscriptionId },
  ...{ partnerId: 'bank' as PartnerId, topicId: 'cars' as TopicId },
  from: { kind: 'place', after: null },
} as unknown as SubscriptionRecord;
const stream = ledgerKey(record);

const idOf = (place: number): string => `msg_${String(place).padStart(22, '0')}`;
const attemptOf = (
  place: number,
  made: number,
  outcome: Attempt['outcome'],
  at: number,
): Attempt => ({
  ...{ webhookId: idOf(place), places: [place], ids: [`e${place}`], attempt: made, outcome },
  ...{ cause: made === 1 ? 'first' : 'retry', startedAt: at, ms: 1, lane: `k${place % 3}` },
  ...(outcome === 'retry' ? { next: at + day } : {}),
  request: { url: 'https://bank.example/', headers: [], bytes: 2 },
});

class World {
  clock = Date.UTC(2026, 0, 1);
  readonly log: MemoryLog = createMemoryLog(() => this.clock);
  cuts: number[] = [];
  readonly retention: Retention = createRetention({
    ...{ log: this.log, snapshots: { load: async () => null }, owner: 'me', now: () => this.clock },
    terms: { keptMs, cut: async (_stream, before) => void this.cuts.push(before) },
  });

  async record(event: DeliveryEvent): Promise<void> {
    const metadata = {
      ...{ tenant: record.tenant, actor: { kind: 'worker' as const, id: 'me' }, schemaVersion: 1 },
      ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '' },
      occurredAt: new Date(this.clock).toISOString(),
    };
    const id = `f${this.log.facts.length}`;
    await this.log.append(stream, 'any', [{ id, ...event, metadata }]);
  }

  /** What became of a place, from a few numbers. */
  async settle(place: number, how: number): Promise<void> {
    const { clock: at } = this;
    const attempts = (...made: Attempt[]) =>
      this.record({ type: 'DeliveriesAttempted', data: { attempts: made } });
    if (how === 0) return attempts(attemptOf(place, 1, 'delivered', at));
    if (how === 1) {
      const ranges = [{ first: place, last: place, reason: 'filtered' as const }];
      return this.record({ type: 'DeliveriesPassed', data: { ranges } });
    }
    await attempts(attemptOf(place, 1, 'retry', at));
    if (how === 2) return;
    await attempts(attemptOf(place, 2, how === 3 ? 'delivered' : 'failed', at));
    if (how !== 4) return;
    const parked = { webhookId: idOf(place), places: [place], reason: 'attempts-used' as const };
    await this.record({ type: 'DeliveriesParked', data: { ...parked, lane: `k${place % 3}` } });
  }

  /** From what is there since a revision, as the log reads it then. */
  ledgerSince(first: number, wanted: (type: string) => boolean = () => true): Promise<Ledger> {
    const facts = this.log.facts.filter(({ revision, type }) => revision >= first && wanted(type));
    const read = async (_stream: string, from: number, limit: number) =>
      facts.filter(({ revision }) => revision >= from).slice(0, limit);
    return readLedger({ read }, record, null);
  }
}

/** What does not depend on how often the ledger was said in between. */
const whatMatters = (ledger: Ledger): unknown => {
  const { marks: _marks, carriedAt: _carriedAt, ...rest } = jsonOfLedger(ledger) as Ledger;
  return JSON.parse(JSON.stringify(rest));
};

describe('records of deliveries that are old enough', () => {
  it('go, and what is left makes up the same ledger as all of them', async () => {
    const history = fc.array(
      fc.record({ how: fc.integer({ min: 0, max: 4 }), days: fc.integer({ min: 0, max: 30 }) }),
      { minLength: 1, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const world = new World();
        for (const [place, { how, days }] of steps.entries()) {
          await world.settle(place, how);
          world.clock += days * day;
          await world.retention.keepIdle(record);
          const before = world.cuts.at(-1) ?? 0;
          const left = await world.ledgerSince(before);
          expect(left).to.deep.equal({ ...(await world.ledgerSince(0)), marks: left.marks });
          const carried = 'DeliveriesCarriedOver';
          const all = await world.ledgerSince(0, (type) => type !== carried);
          expect(whatMatters(left)).to.deep.equal({
            ...(whatMatters(all) as object),
            revision: left.revision,
          });
          // Nothing goes that is younger, and what is much older is gone.
          for (const { revision, recordedAt } of world.log.facts) {
            if (revision < before) expect(recordedAt).to.be.at.most(world.clock - keptMs);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are gone a ninth of the time later at the latest, where something is delivered each day', async () => {
    const world = new World();
    for (let place = 0; place < 300; place += 1) {
      await world.settle(place, 0);
      world.clock += day;
      await world.retention.keepIdle(record);
    }
    const oldest = world.log.facts.find(({ revision }) => revision === world.cuts.at(-1));
    expect(oldest?.type).to.equal('DeliveriesCarriedOver');
    expect(world.clock - (oldest?.recordedAt ?? 0)).to.be.within(keptMs, keptMs * (10 / 9) + day);
  });

  it('stay where they are all that tells what is still to do, however old they are', async () => {
    const world = new World();
    await world.settle(0, 2);
    world.clock += 10 * keptMs;
    await world.retention.keepIdle(record);
    // Said just now: it is not old enough itself.
    expect(world.cuts).to.deep.equal([]);
    expect((await world.ledgerSince(0)).waiting.size).to.equal(1);
    world.clock += keptMs;
    await world.retention.keepIdle(record);
    expect(world.cuts).to.deep.equal([1]);
    const left = await world.ledgerSince(1);
    expect([left.cursor, left.waiting.size, left.revision]).to.deep.equal([0, 1, 1]);
    await world.retention.keepIdle(record);
    expect(world.cuts).to.deep.equal([1]);
  });

  it('are told from younger ones by when the ledger was said', () => {
    const marks = [
      { revision: 0, at: 1 * day },
      { revision: 40, at: 10 * day },
      { revision: 70, at: 20 * day },
    ];
    const cuts = [0, 50, 99, 100, 110, 200].map((days) => cutBefore({ marks }, days * day, keptMs));
    expect(cuts).to.deep.equal([0, 0, 0, 40, 70, 70]);
  });
});
