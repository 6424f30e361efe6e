import { expect } from 'chai';
import { type PersonSubject, sealText } from '../../../../commands/personalData.js';
import { createRenderer } from '../../../../commands/template/render.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import type { ProviderId } from '../../../../domain/ids.js';
import { createMemoryLog } from '../../../../platform/memory/log.js';
import { type ChunkOptions, createChunks } from '../../../../workers/outreach/chunk.js';
import { type Lane, openLane } from '../../../../workers/outreach/lane.js';
import type { Loaded } from '../../../../workers/outreach/loaded.js';
import type { CarrierPool } from '../../../../workers/outreach/carriers.js';
import { carrying, demo, idOf, noon, phoneHash, requested } from './known.js';

const north = 'north' as ProviderId;
const ada = { kind: 'phone', phone: '+37120000000' };

describe('what is done for a message besides sending it', () => {
  let now: number;
  let lane: Lane;
  let one: Loaded;
  let suppressed: unknown[];
  let stopping: AbortController;
  const reference = `${idOf(1)}-1`;

  const chunksOf = (carriers: Partial<CarrierPool>, changes: Partial<ChunkOptions> = {}) => {
    const nothing = (): void => undefined;
    return createChunks({
      ...{ outreach: {} as never, renderer: createRenderer(), carriers: carrying(carriers) },
      ...{ log: createMemoryLog(), tables: {} as never, persons: {} as never },
      ...{ urgentTables: {} as never, urgentPersons: {} as never, now: () => now },
      measures: { attempted: nothing, ended: nothing } as unknown as ChunkOptions['measures'],
      suppress: (...told) => suppressed.push(told),
      onTrouble: (error) => {
        throw error;
      },
      signal: stopping.signal,
      ...changes,
    });
  };

  beforeEach(async () => {
    now = noon;
    suppressed = [];
    stopping = new AbortController();
    lane = await openLane({
      ...{ log: createMemoryLog(() => now), tenant: demo, lane: 0, owner: 'test' },
      ...{ reach: { revision: -1, position: 0n }, now: () => now },
      ...{ onWaiting: () => undefined, onTrouble: () => undefined },
    });
    one = lane.takeNew(requested({ class: 'service' }), noon, 1n) as Loaded;
    await lane.journal.begin([
      {
        start: {
          ...{ messageId: one.messageId, attempt: 1, step: 0, channel: 'sms', providerId: north },
          ...{ clientReference: reference, address: phoneHash },
          permission: { basis: 'class', asOf: '1' },
        },
        decision: { version: 1, rule: null, chosen: north, candidates: [] },
        stillHolds: () => true,
      },
    ]);
    const at = new Date(noon).toISOString();
    const answer = { messageId: one.messageId, attempt: 1, outcome: 'unknown' as const, at, ms: 1 };
    await lane.journal.say({
      answers: [{ ...answer, errorClass: 'unknownOutcome', retryAt: at }],
    });
    now += 1_000;
  });

  it('leaves an address alone that a provider says afterwards nothing arrives at', async () => {
    const reconcile = () =>
      Promise.resolve({
        ...{ outcome: 'refused' as const, errorClass: 'recipientPermanent' as const },
        ...{ code: '550', text: 'No such user.' },
      });
    await chunksOf({ reconcile }).follow(lane, [one]);
    expect(one.message.status).to.equal('undelivered');
    expect(suppressed).to.deep.equal([
      [demo, { channel: 'sms', address: phoneHash }, '550', reference],
    ]);
  });

  it('begins nothing that gets its slot when everything stops', async () => {
    const key = Buffer.alloc(32, 7);
    const text = JSON.stringify({ addresses: { phone: ada }, text: { text: 'Good day' } });
    const sealed = sealText(key, demo, 'addr_ada' as PersonSubject, text);
    const fresh = requested({ messageId: idOf(2), class: 'service', sealed });
    const another = lane.takeNew(fresh, noon, 1n) as Loaded;
    const known = {
      position: () => Promise.resolve(1n),
      suppressions: () => Promise.resolve(new Map()),
      consents: () => Promise.resolve(new Map()),
      keys: (_: unknown, subjects: string[]) => new Map(subjects.map((each) => [each, key])),
      indexKey: () => Promise.resolve(key),
    } as never;
    const givenBack: number[] = [];
    let calls = 0;
    const carriers: Partial<CarrierPool> = {
      slot: () => {
        stopping.abort();
        return Promise.resolve(() => undefined);
      },
      giveBack: (_tenant, _provider, tokens) => void givenBack.push(tokens),
      send: () => Promise.reject(new Error(`called ${(calls += 1)}`)),
    };
    const outreach = {
      rules: () => ({ rules: { ...outreachRulesDefault, askFirst: { service: false } } }),
    } as never;
    const window = { class: 'service', channel: 'sms', items: [], blockedUntil: 0 } as never;
    const chunks = chunksOf(carriers, { tables: known, persons: known, outreach });
    await chunks.send(lane, window, [another], () => undefined);
    expect(another.message.attempts).to.deep.equal([]);
    expect({ calls, givenBack }).to.deep.equal({ calls: 0, givenBack: [1] });
    expect(lane.has(idOf(2))).to.equal(false);
  });
});
