import { expect } from 'chai';
import type { QueuedRow } from '../../../../projections/outbox/queries.js';
import { createMemoryLog } from '../../../../platform/memory/log.js';
import { type Lane, openLane } from '../../../../workers/outreach/lane.js';
import { demo, idOf, inHand, noon } from './known.js';
import { sendingOf, soon } from './sending.js';

describe('what a lane remembers of its journal', () => {
  let lane: Lane;
  let now: number;
  const heldOf = (n: number) => ({
    messageId: idOf(n),
    until: new Date(noon + 1_000).toISOString(),
  });
  beforeEach(async () => {
    now = noon;
    lane = await openLane({
      ...{ log: createMemoryLog(() => noon), tenant: demo, lane: 0, owner: 'test' },
      ...{ reach: { revision: -1, position: 0n }, now: () => now },
      ...{ onWaiting: () => undefined, onTrouble: () => undefined },
    });
    for (let n = 0; n < 3; n += 1) {
      await lane.journal.say({ held: [{ ...heldOf(n), reason: 'quiet-hours' }] });
    }
  });
  const rowOf = (n: number, revision: number): QueuedRow => {
    const { message, request } = inHand({ messageId: idOf(n) });
    return {
      ...{ window: 0, kind: 'ready', messageId: idOf(n), message, request, revision: -1 },
      ...{ reach: { revision, position: 9n }, position: '1', since: noon },
    };
  };
  const heldUntil = (n: number, revision: number) => {
    const one = lane.take(rowOf(n, revision));
    return one === null || one === 'behind' ? one : (one.message.held?.until ?? null);
  };

  it('is forgotten once the tables are as far, also where no row is read from them', () => {
    expect(lane.remembered).to.equal(3);
    lane.reached({ revision: 1, position: 5n });
    expect(lane.remembered).to.equal(1);
    expect(heldUntil(2, 1)).to.equal(noon + 1_000);
  });

  it('is kept where they were further already', () => {
    lane.reached({ revision: 1, position: 5n });
    lane.reached({ revision: 0, position: 4n });
    expect(lane.remembered).to.equal(1);
    expect(heldUntil(0, 0)).to.equal('behind');
  });

  it('is told with the time up to which the tables know all of it', async () => {
    expect(lane.knownUntil).to.equal(noon);
    now += 90_000;
    expect(lane.knownUntil, 'they know less').to.equal(noon);
    lane.reached({ revision: 1, position: 5n });
    await lane.journal.say({ held: [{ ...heldOf(4), reason: 'quiet-hours' }] });
    now += 1_000;
    lane.reached({ revision: 2, position: 6n });
    expect(lane.knownUntil, 'what was recorded when they were looked at').to.equal(noon + 90_000);
    lane.reached({ revision: 3, position: 7n });
    expect(lane.knownUntil, 'all').to.equal(now);
  });

  it('is asked for where much is remembered, now and then', async () => {
    let ahead = 0;
    const sending = sendingOf({
      senders: [{ providerId: 'north' }],
      queue: Array.from({ length: 150 }, () => ({ accepted: { class: 'service' as const } })),
      now: () => Date.now() + ahead,
    });
    try {
      await soon('all are sent', () => sending.sent.get('north')?.length === 150);
      const asked = sending.reachAsked();
      ahead = 11_000;
      sending.dispatcher.look();
      await soon('the tables are asked', () => sending.reachAsked() > asked);
    } finally {
      await sending.stop();
    }
  });
});
