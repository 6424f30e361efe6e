import { expect } from 'chai';
import { LogUnavailable } from '../../../../commands/log.js';
import type { ProviderId } from '../../../../domain/ids.js';
import { createMemoryLog } from '../../../../platform/memory/log.js';
import {
  createReceipts,
  type KeptReceipt,
  type ReceiptStore,
} from '../../../../workers/outreach/receipts.js';
import { demo, idOf, noon } from './known.js';

describe('receipts that were kept', () => {
  const keptOf = (n: number, changes: Partial<KeptReceipt> = {}): KeptReceipt => ({
    ...{ id: String(n), tenant: demo, providerId: 'north' as ProviderId, ageMs: 1_000 },
    receipt: { clientReference: `${idOf(n)}-1`, status: 'delivered', at: noon },
    ...changes,
  });
  const broken = { clientReference: `${idOf(2)}-1`, status: 'delivered', at: NaN } as const;

  /** One look at what was kept. */
  const look = async (kept: readonly KeptReceipt[], isLogAway = false) => {
    const log = createMemoryLog();
    const told: Record<string, readonly string[]> = { done: [], later: [], givenUp: [] };
    const note = (name: string) => (ids: readonly string[]) =>
      Promise.resolve(void (told[name] = [...(told[name] ?? []), ...ids]));
    const stopping = new AbortController();
    const store: ReceiptStore = {
      byReference: () => Promise.resolve(new Map()),
      lanes: (_tenant, ids) => Promise.resolve(new Map(ids.map((id) => [id, 0]))),
      place: () => Promise.resolve(null),
      keep: () => Promise.resolve(),
      kept: () => {
        stopping.abort();
        return Promise.resolve(kept);
      },
      ...{ done: note('done'), later: note('later'), giveUp: note('givenUp') },
    };
    const troubles: unknown[] = [];
    let orphans = 0;
    await createReceipts({
      log: isLogAway ? { ...log, append: () => Promise.reject(new LogUnavailable('away')) } : log,
      ...{ store, suppress: () => undefined, onTrouble: (error) => troubles.push(error) },
      measures: { receipt: () => undefined, orphan: () => (orphans += 1) },
    }).run(stopping.signal);
    const joined = log.facts.flatMap(({ data }) => (data as { receipts: unknown[] }).receipts);
    return { ...told, troubles: troubles.length > 0, orphans, joined: joined.length };
  };

  it('are joined though one of them cannot be, which is looked at again later', async () => {
    const other = { providerId: 'south' as ProviderId };
    const kept = [keptOf(1), keptOf(2, { receipt: broken }), keptOf(3), keptOf(4, other)];
    expect(await look(kept)).to.deep.equal({
      ...{ done: ['1', '3', '4'], later: ['2'], givenUp: [] },
      ...{ troubles: true, orphans: 0, joined: 3 },
    });
  });

  it('are given up after a while where they cannot be joined', async () => {
    const kept = [keptOf(1), keptOf(2, { receipt: broken, ageMs: 4_000_000 })];
    expect(await look(kept))
      .to.include({ orphans: 1, joined: 1 })
      .and.deep.include({
        ...{ done: ['1'], givenUp: ['2'], later: [] },
      });
  });

  it('stay where they are while the log is away', async () => {
    expect(await look([keptOf(1), keptOf(2)], true)).to.deep.equal({
      ...{ done: [], later: [], givenUp: [], troubles: true, orphans: 0, joined: 0 },
    });
  });
});
