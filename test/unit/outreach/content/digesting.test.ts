import { expect } from 'chai';
import type { MessageId, TemplateId, TenantId } from '../../../../domain/ids.js';
import { accepted, type Accepted, evolve } from '../../../../domain/message/message.js';
import { requestOf, type StoredRequest } from '../../../../projections/outbox/request.js';
import { createDigesting } from '../../../../workers/outreach/digesting.js';
import type { Said } from '../../../../workers/outreach/said.js';
import type { Lane } from '../../../../workers/outreach/lane.js';
import type { Loaded } from '../../../../workers/outreach/loaded.js';

const noon = Date.parse('2026-05-04T12:00:00Z');
const demo = 'demo' as TenantId;
const idOf = (n: number) => n.toString(16).padStart(32, '0') as MessageId;

const requestNumbered = (n: number, digest = true): Accepted => ({
  ...{ messageId: idOf(n), class: 'service', requester: { kind: 'operator', id: 'owner' } },
  recipient: { userId: null, subject: 'addr_ada', addresses: {} },
  template: { templateId: 'parcels' as TemplateId, version: 1 },
  ...{ sealed: `sealed ${n}`, strategy: null, notBefore: null, lane: 0 },
  steps: [{ channel: 'sms', until: 'delivered', waitSeconds: 60 }],
  expiresAt: new Date(noon + 3_600_000).toISOString(),
  ...(digest ? { digest: { key: 'parcels', until: new Date(noon).toISOString() } } : {}),
});
const loadedNumbered = (n: number, digest = true): Loaded => {
  const data = requestNumbered(n, digest);
  return {
    ...{ messageId: data.messageId, message: accepted(data, noon - 1_000 + n), digested: [] },
    request: JSON.parse(JSON.stringify(requestOf(data))) as StoredRequest,
    ...{ since: noon, state: 'busy' },
  };
};

describe('making messages into one', () => {
  const lane = { tenant: demo } as Lane;
  let all: Loaded[];
  let said: Said[];
  let reads: string[];
  beforeEach(() => {
    all = [0, 1, 2, 3].map((n) => loadedNumbered(n));
    said = [];
    reads = [];
  });

  /** As the journal does it: everybody in hand learns of what is recorded. */
  const record = async (_lane: Lane, told: Said): Promise<boolean> => {
    await Promise.resolve();
    said.push(told);
    for (const { into, messageIds } of told.digests ?? []) {
      for (const one of all.filter(({ messageId }) => messageIds.includes(messageId))) {
        const { messageId } = one;
        const others = messageId === into ? messageIds.filter((id) => id !== into) : [];
        const item = { messageId, into, others };
        const change = { type: 'MessagesDigested' as const, item, at: noon, position: 1n };
        one.message = evolve(one.message, change);
      }
    }
    return true;
  };
  const digesting = () =>
    createDigesting({
      ...{ now: () => noon, record },
      log: {
        read: async (stream) => {
          reads.push(stream);
          const n = parseInt(stream.slice(stream.lastIndexOf('.') + 1), 16);
          return [{ data: requestNumbered(n) }] as never;
        },
      },
    });

  it('takes those of the chunk and those that wait, and sends the first with what all have to say', async () => {
    const [first, second, third, fourth] = all as [Loaded, Loaded, Loaded, Loaded];
    const found = await digesting()(lane, { items: [third, fourth] }, [first, second]);
    expect(found).to.deep.equal({ items: [first], joined: [second] });
    expect(said).to.deep.equal([
      { digests: [{ into: idOf(0), messageIds: [0, 1, 2, 3].map(idOf) }] },
    ]);
    expect(first.digested.map(({ request }) => request.sealed)).to.deep.equal([
      ...['sealed 1', 'sealed 2', 'sealed 3'],
    ]);
    expect(reads).to.deep.equal([]);
  });

  it('sends nothing alone that is just becoming part of another', async () => {
    const [first, second] = all as [Loaded, Loaded];
    const window = { items: [second] };
    const gather = digesting();
    const one = gather(lane, window, [first]);
    window.items = [];
    const other = gather(lane, window, [second]);
    expect((await one).items).to.deep.equal([first]);
    expect(await other).to.deep.equal({ items: [], joined: [second] });
    expect(said).to.have.length(1);
  });

  it('reads again what the others had to say, once they are not in hand any more', async () => {
    const [first, second] = all as [Loaded, Loaded];
    await digesting()(lane, { items: [] }, [first, second]);
    first.digested = [];
    const { items } = await digesting()(lane, { items: [] }, [first]);
    expect(items[0]?.digested.map(({ request }) => request.sealed)).to.deep.equal(['sealed 1']);
    expect(reads).to.deep.equal([`message-demo.${idOf(1)}`]);
    expect(said).to.have.length(1);
  });

  it("leaves what another requester asked for to be another's message", async () => {
    const [first, second, third] = all as [Loaded, Loaded, Loaded];
    const requester = { kind: 'partner', id: 'shop' } as const;
    const foreign = { ...second, request: { ...second.request, requester } };
    const found = await digesting()(lane, { items: [third] }, [first, foreign]);
    expect(found).to.deep.equal({ items: [first, foreign], joined: [] });
    expect(said).to.deep.equal([{ digests: [{ into: idOf(0), messageIds: [idOf(0), idOf(2)] }] }]);
  });

  it('leaves everything else alone', async () => {
    const plain = [loadedNumbered(7, false), loadedNumbered(8, false)];
    const found = await digesting()(lane, { items: all }, plain);
    expect(found).to.deep.equal({ items: plain, joined: [] });
    expect(said).to.deep.equal([]);
  });
});
