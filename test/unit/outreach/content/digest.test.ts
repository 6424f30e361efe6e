import { expect } from 'chai';
import fc from 'fast-check';
import type { MessageId } from '../../../../domain/ids.js';
import { type DigestCandidate, digestMax, digestsOf } from '../../../../domain/message/digest.js';
import { evolve, type Message } from '../../../../domain/message/message.js';

const noon = Date.parse('2026-05-04T12:00:00Z');
const hour = 3_600_000;
const idOf = (n: number) => n.toString(16).padStart(32, '0') as MessageId;
const one = (n: number, over: Partial<Message> = {}, of = {}): DigestCandidate => ({
  message: {
    ...{ messageId: idOf(n), class: 'service', status: 'accepted', reason: null, endedAt: null },
    steps: [{ channel: 'sms', until: 'delivered', waitSeconds: 60 }],
    ...{ acceptedAt: noon - hour + n, notBefore: null, expiresAt: noon + hour, step: 0 },
    ...{ stepSince: noon, held: null, attempts: [], engagement: null, lateReceipts: 0 },
    ...{ deliveredTwice: false, digest: { key: 'orders', until: noon + n }, orders: [] },
    ...{ digestedInto: null, digests: [] },
    ...over,
  },
  ...{ requester: 'partner bank', subject: 'ada', template: 'parcels 1', ...of },
});
const ids = (...candidates: DigestCandidate[]) =>
  digestsOf(candidates, noon).map(({ messageIds }) => messageIds.map((id) => parseInt(id, 16)));

describe('a digest', () => {
  it('is made when the time of the first has come, of all that came until then', () => {
    expect(ids(one(2), one(0), one(1))).to.deep.equal([[0, 1, 2]]);
    expect(ids(one(1), one(2))).to.deep.equal([]);
    expect(digestsOf([one(1), one(2)], noon + 1)).to.have.length(1);
    expect(ids(one(0))).to.deep.equal([]);
  });

  it('tells together only what one asked for, to one recipient, under one key, on one channel, in one template', () => {
    expect(ids(one(0), one(1, {}, { requester: 'partner shop' }))).to.deep.equal([]);
    expect(ids(one(0), one(1, {}, { subject: 'ben' }))).to.deep.equal([]);
    expect(ids(one(0), one(1, {}, { template: 'parcels 2' }))).to.deep.equal([]);
    expect(ids(one(0, {}, { template: null }), one(1, {}, { template: null }))).to.deep.equal([]);
    expect(ids(one(0), one(1, { digest: { key: 'news', until: noon } }))).to.deep.equal([]);
    expect(ids(one(0), one(1, { class: 'marketing' }))).to.deep.equal([]);
    expect(ids(one(0), one(1, { digest: null }))).to.deep.equal([]);
  });

  it('takes in nothing that was sent, is over, expired, or is part of another', () => {
    const attempt = { ...{ attempt: 1, outcome: 'submitted' } } as Message['attempts'][number];
    for (const over of [
      { status: 'cancelled' as const },
      { expiresAt: noon },
      { digestedInto: idOf(9) },
      { digests: [idOf(9)] },
      { attempts: [attempt] },
    ]) {
      expect(ids(one(0), one(1, over))).to.deep.equal([]);
      expect(ids(one(0, over), one(1))).to.deep.equal([]);
    }
  });

  it('holds as many as a template lists', () => {
    const many = Array.from({ length: digestMax + 20 }, (_, n) => one(n));
    expect(ids(...many)[0]).to.have.length(digestMax);
  });

  it('gives each message at most one fate, in any order and again', () => {
    const some = fc.array(
      fc.record({ n: fc.nat(30), key: fc.constantFrom('a', 'b'), who: fc.constantFrom('x', 'y') }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(some, (list) => {
        const known = new Map(
          list.map(({ n, key, who }) => [
            n,
            one(n, { digest: { key, until: noon } }, { subject: who }),
          ]),
        );
        const found = digestsOf([...known.values()], noon);
        const told = found.flatMap(({ messageIds }) => messageIds);
        expect(new Set(told).size).to.equal(told.length);
        const after = [...known.values()].map((each) => {
          const digest = found.find(({ messageIds }) =>
            messageIds.includes(each.message.messageId),
          );
          if (!digest) return each;
          const { into, messageIds } = digest;
          const { messageId } = each.message;
          const others = messageId === into ? messageIds.filter((id) => id !== into) : [];
          const item = { messageId, into, others };
          const change = { type: 'MessagesDigested' as const, item, at: noon, position: 1n };
          return { ...each, message: evolve(each.message, change) };
        });
        expect(digestsOf(after, noon)).to.deep.equal([]);
      }),
    );
  });
});
