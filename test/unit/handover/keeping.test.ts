/** How long records of handovers are kept, and what a proof says of the time that it does not know. */
import { expect } from 'chai';
import { createHandoversOf } from '../../../api/exchange/handovers.js';
import type { CredentialId, PartnerId, TenantId, TopicId } from '../../../domain/ids.js';
import { openHandOver } from '../../../platform/compose/handovers.js';
import type { Logger } from '../../../platform/logging.js';
import { createMemoryLog } from '../../../platform/memory/log.js';

const day = 86_400_000;
const now = 1_000 * day;
const of = { tenant: 'demo' as TenantId, topicId: 'cars' as TopicId };

describe('the records of handovers', () => {
  it('have their age limited as those of deliveries, once for each topic, and again where that failed', async () => {
    const limited: [string, number][] = [];
    const warnings: unknown[] = [];
    let fails = true;
    const handOver = openHandOver({
      config: { deliveriesKeptDays: 30 },
      log: createMemoryLog(),
      now: () => now,
      logger: { warn: (fields: unknown) => void warnings.push(fields) } as unknown as Logger,
      limitAge: async (stream, days) => {
        limited.push([stream, days]);
        if (!fails) return;
        fails = false;
        throw new Error('the log is away');
      },
    });
    const partnerId = 'bank' as PartnerId;
    const about = { partnerId, credentialId: 'credential1' as CredentialId, userId: null };
    const handed = (topicId: string, place: number) =>
      handOver({ ...of, ...about, topicId: topicId as TopicId, way: 'pull', places: [place] });
    for (const place of [0, 1, 2]) {
      await handed('cars', place);
      // Until nothing is gathered any more.
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await handed('boats', 0);
    expect(limited).to.deep.equal([
      ['handovers-demo.cars', 30],
      ['handovers-demo.cars', 30],
      ['handovers-demo.boats', 30],
    ]);
    expect(warnings).to.have.length(1);
  });

  const knownFrom = async (publishedAt: number, keptDays: number, keptFrom: number | null) => {
    const handoversOf = createHandoversOf({
      keptDays,
      history: { stream: async () => ({ facts: [], next: null }) },
      searches: {
        reach: async () => undefined,
        handovers: async () => ({ rows: [], next: null, keptFrom }),
      },
    });
    const publication = { revision: 3, recordedAt: publishedAt };
    return (await handoversOf({ ...of, publication, limit: 10, now })).knownFrom;
  };
  const told = (at: number) => new Date(at).toISOString();

  it('are all known of what was published since they are kept', async () => {
    expect(await knownFrom(now - 29 * day, 30, null)).to.equal(null);
    expect(await knownFrom(0, 0, null)).to.equal(null);
    expect(await knownFrom(now - day, 30, now - 2 * day)).to.equal(null);
  });

  it('say from when on they are known of what was published before', async () => {
    expect(await knownFrom(now - 31 * day, 30, null)).to.equal(told(now - 30 * day));
    // A store in memory let older ones go.
    expect(await knownFrom(now - 3 * day, 30, now - 2 * day)).to.equal(told(now - 2 * day));
    expect(await knownFrom(now - 3 * day, 0, now - 2 * day)).to.equal(told(now - 2 * day));
  });
});
