/** Searches among messages and their attempts, judged by going through what was recorded one by one. */
import { expect } from 'chai';
import type { Document } from 'mongodb';
import { wordQueryOf } from '../../../projections/documents/words.js';
import { messageAttempts } from '../../../projections/messageAttempts/messageAttempts.js';
import {
  type MessageAttemptSearch,
  searchMessageAttempts,
} from '../../../projections/messageAttempts/search.js';
import { addressMark } from '../../../projections/messages/document.js';
import { countMessages, type Grouping } from '../../../projections/messages/figures.js';
import { messages } from '../../../projections/messages/messages.js';
import {
  findOf,
  type MessageSearch,
  readMessage,
  readMessages,
  searchMessages,
} from '../../../projections/messages/search.js';
import { BadCursor } from '../../../projections/pages.js';
import { type Connected, connect } from '../mongo/server.js';
import { begun, demo, type Filled, fillDocuments, minute } from './filled.js';
import {
  acceptedOf,
  hashOf,
  isStarted,
  messageIdOf,
  outbox,
  providerOf,
  recordMessages,
  startedOf,
  statusOf,
  userOf,
} from './outreach.js';

const count = 60;
const all = Array.from({ length: count }, (_, n) => n);

describe('searching messages', () => {
  let connected: Connected;
  let filled: Filled;
  before(async () => {
    connected = await connect();
    filled = fillDocuments(connected.db, [messages, messageAttempts]);
    const last = await recordMessages(filled, count);
    await filled.until('messages', last);
    await filled.until('messageAttempts', last);
  });
  after(async () => {
    await filled?.stop();
    await connected?.close();
  });

  const question = (asked: Partial<MessageSearch>): MessageSearch => ({
    ...{ tenant: demo, requester: null, descending: false, limit: 1_000, deadlineMs: 5_000 },
    ...asked,
  });
  const found = async (asked: Partial<MessageSearch>) =>
    (await searchMessages(connected.db, question(asked))).rows.map(({ messageId }) =>
      parseInt(messageId, 16),
    );
  const word = (text: string, hashes: Record<string, string> = {}) => ({
    words: { query: wordQueryOf(text), hashes: new Map(Object.entries(hashes)) },
  });

  const cases: readonly (readonly [string, Partial<MessageSearch>, (n: number) => boolean])[] = [
    ['all', {}, () => true],
    ['a requester', { requester: 'partner/motor' }, (n) => n % 3 === 1],
    ['a user', { userId: userOf(3) }, (n) => n % 5 !== 0 && n % 7 === 3],
    [
      'an address that the request named',
      { addresses: [addressMark('email', hashOf('mail1'))] },
      (n) => n % 5 === 0 && n % 4 === 1,
    ],
    [
      'an address that it was sent to',
      { addresses: [addressMark('phone', hashOf('address4'))] },
      (n) => isStarted(n) && n % 2 === 1 && n % 9 === 4,
    ],
    ['a status', { statuses: ['delivered'] }, (n) => statusOf(n) === 'delivered'],
    [
      'one of two statuses',
      { statuses: ['accepted', 'undelivered'] },
      (n) => ['accepted', 'undelivered'].includes(statusOf(n)),
    ],
    ['a class', { class: 'otp' }, (n) => n % 4 === 0],
    ['a channel', { channel: 'email' }, (n) => n % 2 === 0],
    ['a provider', { providerId: 'sms_1' }, (n) => isStarted(n) && providerOf(n) === 'sms_1'],
    ['a campaign', { campaign: 'autumn' }, (n) => n % 6 === 0],
    ['a template', { templateId: 'template_2' }, (n) => n % 4 !== 0 && n % 3 === 2],
    ['a reference', { reference: 'order-3' }, (n) => n % 2 === 1 && n % 10 === 3],
    ['a reason', { reason: 'recipient' }, (n) => statusOf(n) === 'undelivered'],
    ['times', { from: begun + 3 * minute, to: begun + 8 * minute }, (n) => n >= 3 && n <= 8],
    ['a word in clear', word('autumn'), (n) => n % 6 === 0],
    ['a word by its hash', word('hello', { hello: 'w4' }), (n) => n % 4 === 0 && n % 6 === 4],
    ['the beginning of a word', word('autu*'), (n) => n % 6 === 0],
    ['the absence of a word', word('template -2'), (n) => n % 4 !== 0 && n % 3 !== 2],
    [
      'several at once',
      { requester: 'partner/bank', statuses: ['inProgress'], channel: 'sms' },
      (n) => n % 3 === 2 && statusOf(n) === 'inProgress' && n % 2 === 1,
    ],
    ['a flag', { flag: 'deliveredTwice' }, () => false],
  ];
  for (const [title, asked, holds] of cases) {
    it(`finds by ${title}`, async () => {
      const expected = all.filter(holds);
      expect(await found(asked)).to.deep.equal(expected);
      expect(await found({ ...asked, descending: true })).to.deep.equal(expected.reverse());
    });
  }

  it('tells a message with its statuses, its cost and its places in the journal', async () => {
    const message = await readMessage(connected.db, demo, messageIdOf(7), 5_000);
    expect(message).to.deep.include({
      ...{ class: 'marketing', requester: 'partner/motor', reference: 'order-7', campaign: null },
      ...{ status: 'undelivered', reason: 'recipient', channel: 'sms', providerId: 'sms_1' },
      ...{ attempts: 1, attemptStatus: 'permanent', errorClass: 'recipientPermanent' },
      ...{ costMicros: 50_000, currency: 'EUR', segments: 2, erased: false },
      ...{ acceptedAt: begun + 7 * minute, lane: 0, places: [0, 1, 3], placesLeftOut: 0 },
    });
    expect(message?.statuses.map(({ status }) => status)).to.deep.equal([
      ...['accepted', 'inProgress', 'queued', 'undelivered'],
    ]);
    expect(await readMessage(connected.db, demo, messageIdOf(99), 5_000)).to.equal(null);
  });

  it('holds nothing of the request that is personal', async () => {
    const documents = await connected.db.collection('messages_v2').find().toArray();
    const text = JSON.stringify(documents);
    expect(documents).to.have.length(count);
    expect(text).to.not.include(acceptedOf(0).sealed);
    const tried = await connected.db.collection('messageAttempts_v1').find().toArray();
    expect(JSON.stringify(tried)).to.not.include(hashOf('address4'));
  });

  for (const descending of [true, false]) {
    it(`pages ${descending ? 'downwards' : 'upwards'}, each once`, async () => {
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await searchMessages(connected.db, question({ descending, limit: 7, after }));
        seen.push(...page.rows.map(({ messageId }) => parseInt(messageId, 16)));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).to.deep.equal(descending ? [...all].reverse() : all);
    });
  }

  it('refuses the cursor of another order', async () => {
    const { next } = await searchMessages(connected.db, question({ limit: 3 }));
    const other = question({ descending: true, after: next ?? '' });
    const refused = await searchMessages(connected.db, other).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(BadCursor);
  });

  const stagesOf = (stage: Document | undefined): Document[] =>
    stage ? [stage, ...stagesOf(stage['inputStage'] as Document | undefined)] : [];
  for (const [asked, index] of [
    [{}, 'time'],
    [{ requester: 'partner/bank' }, 'requester'],
    [{ userId: userOf(3) }, 'user'],
    [{ addresses: [addressMark('phone', hashOf('address4'))] }, 'address'],
    [{ statuses: ['delivered'] }, 'status'],
    [{ campaign: 'autumn' }, 'campaign'],
    [{ reference: 'order-3' }, 'reference'],
    [word('autumn'), 'words'],
  ] as const) {
    it(`is carried by the index ${index}: ${JSON.stringify(asked)}`, async () => {
      const { filter, sort, limit } = findOf(question({ limit: 2, ...asked }));
      const explained = await connected.db
        .collection('messages_v2')
        .find(filter)
        .sort({ ...sort })
        .limit(limit)
        .explain('executionStats');
      const stages = stagesOf(explained['queryPlanner'].winningPlan as Document | undefined);
      expect(stages.find(({ stage }) => stage === 'IXSCAN')?.['indexName']).to.equal(index);
      expect(stages.some(({ stage }) => stage === 'SORT')).to.equal(false);
      expect(explained['executionStats'].totalDocsExamined).to.be.at.most(limit);
    });
  }

  describe('in figures', () => {
    const figures = (by: Grouping, asked: { from?: number; limit?: number } = {}) =>
      countMessages(connected.db)({
        ...{ tenant: demo, by, from: begun, to: begun + 1_000 * minute, limit: 100 },
        ...{ deadlineMs: 5_000, ...asked },
      });
    const counted = (holds: (n: number) => boolean): number => all.filter(holds).length;

    it('counts messages by status and reason, and adds up what they cost', async () => {
      const { groups, more } = await figures('channel');
      const [email, sms] = groups;
      expect(groups.map(({ key, count: each }) => [key, each])).to.deep.equal([
        ...[
          ['email', counted((n) => n % 2 === 0)],
          ['sms', counted((n) => n % 2 === 1)],
        ],
      ]);
      expect(more).to.equal(false);
      expect(email?.statuses).to.deep.equal({
        delivered: counted((n) => n % 2 === 0),
      });
      expect(sms?.statuses['undelivered']).to.equal(counted((n) => statusOf(n) === 'undelivered'));
      expect(sms?.reasons).to.deep.equal({
        recipient: counted((n) => statusOf(n) === 'undelivered'),
      });
      const sent = counted((n) => n % 2 === 1 && isStarted(n));
      expect(sms).to.deep.include({ segments: 2 * sent, costMicros: { EUR: 50_000 * sent } });
      expect(email?.costMicros).to.deep.equal({});
    });

    it('counts by campaign with those of none, within a time, and so many groups', async () => {
      const { groups } = await figures('campaign', { from: begun + 30 * minute });
      expect(groups.map(({ key, count: each }) => [key, each])).to.deep.equal([
        ...[
          [null, counted((n) => n >= 30 && n % 6 !== 0)],
          ['autumn', counted((n) => n >= 30 && n % 6 === 0)],
        ],
      ]);
      expect(await figures('class', { limit: 2 })).to.include({ more: true });
      expect((await figures('day')).groups.map(({ key }) => key)).to.deep.equal(['2026-05-01']);
    });

    it('counts attempts by provider, with the classes of their errors', async () => {
      const { groups } = await figures('provider');
      const ofProvider = groups.find(({ key }) => key === 'sms_1');
      const sent = (n: number) => isStarted(n) && providerOf(n) === 'sms_1';
      expect(ofProvider?.count).to.equal(counted(sent));
      expect(ofProvider?.reasons).to.deep.equal({
        recipientPermanent: counted((n) => sent(n) && n % 8 === 7),
      });
    });
  });

  describe('by their attempts', () => {
    const asked = (given: Partial<MessageAttemptSearch>): MessageAttemptSearch => ({
      ...{ tenant: demo, limit: 1_000, deadlineMs: 5_000 },
      ...given,
    });
    const tried = async (given: Partial<MessageAttemptSearch>) =>
      (await searchMessageAttempts(connected.db, asked(given))).rows.map(({ messageId }) =>
        parseInt(messageId, 16),
      );
    const latestFirst = (holds: (n: number) => boolean) =>
      all.filter((n) => isStarted(n) && holds(n)).reverse();

    it('finds by provider, status, error, code and words', async () => {
      expect(await tried({})).to.deep.equal(latestFirst(() => true));
      expect(await tried({ providerId: 'sms_2' })).to.deep.equal(
        latestFirst((n) => providerOf(n) === 'sms_2'),
      );
      expect(await tried({ status: 'delivered' })).to.deep.equal(
        latestFirst((n) => statusOf(n) === 'delivered'),
      );
      const refused = latestFirst((n) => n % 8 === 7);
      expect(await tried({ errorClass: 'recipientPermanent', code: '550' })).to.deep.equal(refused);
      expect(await tried({ text: 'such box1' })).to.deep.equal(
        latestFirst((n) => n % 8 === 7 && n % 3 === 1),
      );
    });

    it('tells each with its decision, its answer and its receipts', async () => {
      const { rows } = await searchMessageAttempts(
        connected.db,
        asked({ messageId: messageIdOf(4) }),
      );
      expect(rows).to.have.length(1);
      expect(rows[0]).to.deep.include({ attempt: 1, providerId: 'mail_1', status: 'delivered' });
      expect(rows[0]?.decision?.candidates[0]?.verdict).to.equal('chosen');
      expect(rows[0]?.answer?.providerReference).to.equal('p-4');
      expect(rows[0]?.receipts).to.deep.equal([
        { status: 'delivered', at: '2026-05-01T08:00:01.000Z' },
      ]);
    });

    it('pages through attempts that began at one time, each once', async () => {
      const seen: number[] = [];
      let after: string | undefined;
      do {
        const page = await searchMessageAttempts(connected.db, asked({ limit: 7, after }));
        seen.push(...page.rows.map(({ messageId }) => parseInt(messageId, 16)));
        after = page.next ?? undefined;
      } while (after !== undefined);
      expect(seen).to.deep.equal(latestFirst(() => true));
    });
  });

  it('finds what went out as a part of another by the status that it shows', async () => {
    const [into = 0, part = 0] = all.filter((n) => !isStarted(n));
    const data = { into: messageIdOf(into), messageIds: [messageIdOf(into), messageIdOf(part)] };
    await filled.until('messages', await filled.record(outbox, 'MessagesDigested', data));
    expect(await found({ statuses: ['digested'] })).to.deep.equal([part]);
    expect(await found({ statuses: ['accepted'] }))
      .to.include(into)
      .and.to.not.include(part);
    const both = await readMessages(connected.db, demo, data.messageIds, 5_000);
    expect(both.map(({ status, digestedInto }) => [status, digestedInto])).to.deep.equal([
      ...[
        ['accepted', null],
        ['digested', messageIdOf(into)],
      ],
    ]);
  });

  describe('of an address that was erased', () => {
    it('forgets those that its key sealed, and the address wherever else it stands', async () => {
      const address = hashOf('mail1');
      const subject = `addr_${address.slice(0, 40)}`;
      const own = (n: number) => n % 5 === 0 && n % 4 === 1;
      const data = { kind: 'email', address, subject, reason: 'asked for' };
      const last = await filled.record(`recipient-${demo}.${subject}`, 'RecipientErased', data);
      await filled.until('messages', last);
      expect(await found({ addresses: [addressMark('email', address)] })).to.deep.equal([]);
      const erased = await connected.db.collection('messages_v2').find({ erased: true }).toArray();
      const ids = erased.map((one) => parseInt(String(one['messageId']), 16));
      expect(ids.sort((a, b) => a - b)).to.deep.equal(all.filter(own));
      const [n = 0] = all.filter((one) => !own(one) && isStarted(one) && one % 2 === 0);
      const sent = hashOf(`address${n % 9}`);
      const other = { ...data, address: sent, subject: `addr_${sent.slice(0, 40)}` };
      await filled.until(
        'messages',
        await filled.record(`recipient-${demo}.${other.subject}`, 'RecipientErased', other),
      );
      expect(await found({ addresses: [addressMark('email', sent)] })).to.deep.equal([]);
      const kept = await readMessage(connected.db, demo, messageIdOf(n), 5_000);
      expect(kept).to.include({ erased: false });
    });
  });

  describe('of a person who was erased', () => {
    it('forgets addresses and words, and tells the rest', async () => {
      const erased = (n: number) => n % 5 !== 0 && n % 7 === 5;
      const before = await found({ userId: userOf(5) });
      await filled.record(`account-${demo}.${userOf(5)}`, 'PersonErased', { reason: 'asked for' });
      // What is on its way meanwhile brings nothing back.
      const n = all.find((one) => erased(one) && statusOf(one) === 'inProgress') ?? 0;
      const { decisions, attempts } = startedOf(n);
      const again = attempts.map((attempt) => ({ ...attempt, attempt: 2 }));
      const last = await filled.record('outbox-demo.0', 'AttemptsStarted', {
        decisions,
        attempts: again,
      });
      await filled.until('messages', last);
      expect(await found({ userId: userOf(5) })).to.deep.equal(before);
      const documents = await connected.db
        .collection('messages_v2')
        .find({ userId: userOf(5) })
        .toArray();
      expect(
        documents.map((one) => parseInt(String(one['messageId']), 16)).sort((a, b) => a - b),
      ).to.deep.equal(all.filter(erased));
      for (const document of documents) {
        expect(document).to.deep.include({ addresses: [], words: [], subject: null, erased: true });
      }
    });
  });
});
