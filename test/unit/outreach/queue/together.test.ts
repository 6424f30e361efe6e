/** Two that take themselves for the sender of one lane, of which one was cut off: somebody is written to no more often for it. */
import { expect } from 'chai';
import { type PersonSubject, sealText } from '../../../../commands/personalData.js';
import { createRenderer } from '../../../../commands/template/render.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import { outboxStream } from '../../../../domain/message/lanes.js';
import { createMemoryLog, type MemoryLog } from '../../../../platform/memory/log.js';
import type { Reach } from '../../../../projections/outbox/queries.js';
import type { SentKnown } from '../../../../projections/outbox/permissions.js';
import { type ChunkOptions, createChunks } from '../../../../workers/outreach/chunk.js';
import { type Lane, openLane } from '../../../../workers/outreach/lane.js';
import type { Loaded } from '../../../../workers/outreach/loaded.js';
import { windowKey } from '../../../../workers/outreach/windows.js';
import { carrying, demo, idOf, noon, requested } from './known.js';

const key = Buffer.alloc(32, 7);
const text = JSON.stringify({
  addresses: { phone: { kind: 'phone', phone: '+37120000000' } },
  text: { text: 'Good day' },
});
const sealed = sealText(key, demo, 'addr_ada' as PersonSubject, text);
const nothing = (): void => undefined;

describe('how often somebody is written to by two that send one lane', () => {
  let now: number;
  let log: MemoryLog;
  let reach: Reach;
  let sent: SentKnown[];
  let calls: string[];

  beforeEach(() => {
    now = noon;
    log = createMemoryLog(() => now);
    reach = { revision: -1, position: 0n };
    sent = [];
    calls = [];
  });

  const senderOf = async (owner: string) => {
    const lane = await openLane({
      ...{ log, tenant: demo, lane: 0, owner, reach, now: () => now },
      ...{ onWaiting: nothing, onTrouble: nothing },
    });
    const tables = {
      position: () => Promise.resolve(1n),
      laneReach: () => Promise.resolve(reach),
      sentTo: () => Promise.resolve(new Map([['addr_ada', sent]])),
      suppressions: () => Promise.resolve(new Map()),
      consents: () => Promise.resolve(new Map()),
      keys: (_: unknown, subjects: string[]) => new Map(subjects.map((each) => [each, key])),
      indexKey: () => Promise.resolve(key),
    } as never;
    const caps = [{ channel: null, perSeconds: 86_400, max: 1 }];
    const rules = { ...outreachRulesDefault, askFirst: { service: false, marketing: false }, caps };
    const chunks = createChunks({
      ...{ outreach: { rules: () => ({ rules, version: 1 }) } as never, log },
      ...{ renderer: createRenderer(), tables, persons: tables, urgentTables: tables },
      ...{ urgentPersons: tables, now: () => now, suppress: nothing },
      carriers: carrying({
        send: (_tenant, _provider, messages) => {
          for (const { messageId } of messages) calls.push(messageId);
          return Promise.resolve({ results: [{ outcome: 'submitted' }], ms: 1 });
        },
      }),
      measures: {
        ...{ queued: nothing, call: nothing, attempted: nothing, ended: nothing, cost: nothing },
        ...{ suppressed: nothing, expired: nothing, delivered: nothing },
      } as unknown as ChunkOptions['measures'],
      onTrouble: (error) => {
        throw error;
      },
      signal: new AbortController().signal,
    });
    const window = lane.windows.get(windowKey({ class: 'marketing', channel: 'sms' }));
    if (!window) throw new Error('there is no such window');
    return { lane, window, send: (one: Loaded) => chunks.send(lane, window, [one], nothing) };
  };
  const taken = (lane: Lane, number: number): Loaded => {
    const one = lane.takeNew(requested({ messageId: idOf(number), sealed }), now, 1n) as Loaded;
    one.state = 'busy';
    return one;
  };

  it('is decided on anew where the other began something meanwhile, once it is known to whom', async () => {
    const [one, other] = [await senderOf('one'), await senderOf('other')];
    const late = taken(other.lane, 2);
    await one.send(taken(one.lane, 1));
    expect(calls).to.deep.equal([idOf(1)]);
    await other.send(late);
    expect(calls, 'not begun').to.have.length(1);
    expect(late.message.attempts).to.deep.equal([]);
    other.window.items = [];
    late.state = 'busy';
    await other.send(late);
    expect(calls, 'the tables do not know it yet').to.have.length(1);
    expect(other.window).to.deep.include({ items: [late], blockedUntil: now + 50 });
    reach = { revision: one.lane.journal.revision, position: 5n };
    sent = [{ messageId: idOf(1), attempt: 1, channel: 'sms', at: now }];
    late.state = 'busy';
    await other.send(late);
    expect(calls).to.have.length(1);
    expect(late.message.held).to.include({ reason: 'frequency-cap' });
  });

  it('is known to whoever takes the lane over, before anything is sent that is counted', async () => {
    const one = await senderOf('one');
    await one.send(taken(one.lane, 1));
    const heir = await senderOf('heir');
    expect(heir.lane.isPastKnown).to.equal(false);
    await heir.send(taken(heir.lane, 2));
    expect(calls).to.have.length(1);
    reach = { revision: one.lane.journal.revision, position: 5n };
    const third = taken(heir.lane, 3);
    await heir.send(third);
    expect(calls).to.deep.equal([idOf(1), idOf(3)]);
    expect(log.facts[0]?.stream).to.equal(outboxStream(demo, 0));
  });
});
