/** What a timeline says of each fact. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Log } from '../../../commands/log.js';
import type { Fact } from '../../../domain/fact.js';
import type { MessageId, TenantId } from '../../../domain/ids.js';
import { outboxEvents } from '../../../domain/message/events.js';
import { reasonWords, verdictWords } from '../../../domain/message/reasonWords.js';
import { createMemoryLog } from '../../../platform/memory/log.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { readTimeline } from '../../../api/outreach/timeline.js';
import type { FoundMessage } from '../../../projections/messages/found.js';

const tenant = 'demo' as TenantId;
const id = '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80' as MessageId;
const another = '9d1c0a2b3c4d5e6f8a7b6c5d4e3f2a10';
const hash = 'ab'.repeat(32);
const time = '2026-11-20T10:00:00.000Z';

const request = {
  messageId: id,
  class: 'service',
  requester: { kind: 'partner', id: 'motor' },
  recipient: { userId: null, subject: `addr_${hash.slice(0, 40)}`, addresses: { phone: hash } },
  template: { templateId: 'points_expire', version: 2 },
  sealed: 'c2VjcmV0',
  strategy: null,
  steps: [
    { channel: 'sms', until: 'delivered', waitSeconds: 600 },
    { channel: 'email', until: 'sent', waitSeconds: 600 },
  ],
  notBefore: null,
  expiresAt: '2099-01-01T00:00:00.000Z',
  lane: 0,
};

const attemptOf = (attempt: number, messageId: string = id) => ({
  ...{ messageId, attempt, step: 0, channel: 'sms', providerId: 'sms_north' },
  ...{ clientReference: `${messageId}.${attempt}`, decision: 0, address: hash, segments: 2 },
  permission: { basis: 'consent', since: '2026-01-05T09:00:00.000Z', asOf: '17' },
  cost: { micros: 61_000, currency: 'GBP' },
});
const started = (...attempts: object[]) => ({
  decisions: [
    {
      ...{ version: 4, rule: 'uk', chosen: 'sms_north' },
      candidates: [
        { providerId: 'sms_north', weight: 70, verdict: 'chosen' },
        { providerId: 'sms_south', weight: 30, verdict: 'breaker-open' },
      ],
    },
  ],
  attempts,
});
const answered = (outcome: string, more: object = {}) => ({
  answers: [{ messageId: id, attempt: 1, outcome, at: time, ms: 41, ...more }],
});
const receipt = (status: string, attempt = 1) => ({
  receipts: [{ messageId: id, attempt, status, at: time }],
});

/** The log of one message, and of others between its facts. */
type Told = readonly [type: string, data: object, actor?: Fact['metadata']['actor']];
const logOf = async (journal: readonly Told[]) => {
  let now = Date.parse('2026-11-20T10:00:00Z');
  const log = createMemoryLog(() => (now += 1_000));
  const worker: NonNullable<Told[2]> = { kind: 'worker', id: 'outreach' };
  const append = (stream: string, type: string, data: unknown, actor = worker) =>
    log.append(stream, 'any', [
      {
        ...{ id: `${type} ${now}`, type, data },
        metadata: {
          tenant,
          actor,
          ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '' },
          ...{ schemaVersion: 1, occurredAt: time },
        },
      },
    ]);
  await append(`message-${tenant}.${id}`, 'MessageAccepted', request);
  const places: number[] = [];
  for (const [type, data, actor] of journal) {
    const { revision } = await append(`outbox-${tenant}.0`, type, data, actor);
    if (JSON.stringify(data).includes(id)) places.push(revision);
  }
  const reads: number[] = [];
  const counting: Pick<Log, 'read'> = {
    read: (stream, from, limit) => {
      reads.push(limit);
      return log.read(stream, from, limit);
    },
  };
  return { log: counting, reads, found: { places, placesLeftOut: 0 } as unknown as FoundMessage };
};
const only = (found: FoundMessage | null) => (of: MessageId) =>
  Promise.resolve(of === id ? found : null);
const told = async (journal: readonly (readonly [string, object])[]) => {
  const { log, found } = await logOf(journal);
  const timeline = await readTimeline(log, tenant, id, only(found), null);
  return timeline?.steps ?? [];
};

describe('the timeline of a message', () => {
  it('tells who asked for it, and how it is to go', async () => {
    const [first] = await told([]);
    expect(first?.sentence).to.equal(
      'partner motor asked for it, with template points_expire, version 2: sms until delivered, then email until sent.',
    );
    expect(first?.details.join(' ')).to.include('obeys quiet hours');
    expect(first?.status).to.equal('accepted');
  });

  it('tells why by this provider, with every candidate, and by what right', async () => {
    const [, step] = await told([['AttemptsStarted', started(attemptOf(1))]]);
    expect(step?.sentence).to.equal(
      'Attempt 1 goes out as sms by sms_north by rule uk, version 4 of the routing rules.',
    );
    expect(step?.details).to.deep.equal([
      'sms_north (weight 70): chosen.',
      'sms_south (weight 30): its breaker is open.',
      'It may be sent, as the recipient consented on 2026-01-05T09:00:00.000Z; known up to position 17 of the log.',
      '2 segments of SMS.',
    ]);
    expect(step).to.include({ attempt: 1, code: 'consent', status: 'inProgress' });
  });

  it('tells what the provider said, and flags receipts that come early or late', async () => {
    const steps = await told([
      ['AttemptsStarted', started(attemptOf(1))],
      ['ReceiptsRecorded', receipt('deliveredToOperator')],
      ['AttemptsAnswered', answered('submitted')],
      [
        'MessagesEnded',
        { items: [{ messageId: id, status: 'undelivered', reason: 'not-in-time' }] },
      ],
      ['ReceiptsRecorded', receipt('delivered')],
      ['MessagesEnded', { items: [{ messageId: id, status: 'failed', reason: 'refused' }] }],
    ]);
    expect(steps.map(({ flags }) => flags)).to.deep.equal([
      ...[[], [], ['early'], [], [], ['late'], ['no-change']],
    ]);
    expect(steps[3]?.sentence).to.equal('Attempt 1: sms_north took it.');
    expect(steps[4]?.sentence).to.equal(
      'Is over, undelivered: what the step waits for did not happen in its time.',
    );
    expect(steps[5]?.details).to.include(
      'It came late: the message, or its step, was over already.',
    );
    expect(steps.at(-1)?.status).to.equal('undelivered');
  });

  it('tells of letters that came back and of complaints, and of providers that cannot be asked', async () => {
    const of = (more: object) => ({ receipts: [{ messageId: id, attempt: 1, at: time, ...more }] });
    const steps = await told([
      ['AttemptsStarted', started(attemptOf(1))],
      ['AttemptsAnswered', answered('unknown', { errorClass: 'unknownOutcome' })],
      ['AttemptsAnswered', answered('unknown', { code: 'cannot-be-asked', reconciled: true })],
      ['ReceiptsRecorded', of({ status: 'delayed', code: '4.4.1' })],
      ['ReceiptsRecorded', of({ status: 'undelivered', cause: 'bounce', code: '5.2.2' })],
      ['ReceiptsRecorded', of({ status: 'delivered', cause: 'complaint', code: 'abuse' })],
      [
        'MessagesEnded',
        { items: [{ messageId: id, status: 'delivered', reason: 'nothing-came-back' }] },
      ],
    ]);
    expect(steps.slice(3).map(({ sentence }) => sentence)).to.deep.equal([
      'Attempt 1: sms_north cannot be asked what became of it: that stays unknown, and nothing is sent again blindly.',
      'Attempt 1: sms_north reports that it is on its way still.',
      'Attempt 1: sms_north reports that it came back.',
      'Attempt 1: sms_north reports that the recipient complained of it.',
      'Is over, delivered: the provider took it, and reported no failure in its time.',
    ]);
    expect(steps[3]?.details.join(' ')).to.not.include('It said');
    expect(steps.map(({ code }) => code)).to.include.members(['undelivered', 'complaint']);
  });

  it('says of a provider that was not reached that it was not, and nothing twice', async () => {
    const failed = {
      errorClass: 'transient',
      code: 'ENOTFOUND',
      text: 'getaddrinfo ENOTFOUND a.b',
    };
    const steps = await told([
      ['AttemptsStarted', started(attemptOf(1))],
      ['AttemptsAnswered', answered('retryable', failed)],
    ]);
    expect(steps.at(-1)?.details[0]).to.equal('It was not reached: getaddrinfo ENOTFOUND a.b.');
  });

  it('tells waits, steps and orders with their reasons', async () => {
    const steps = await told([
      [
        'MessagesHeld',
        {
          items: [
            { messageId: id, until: time, reason: 'quiet-hours', detail: 'In Europe/London.' },
          ],
        },
      ],
      ['AttemptsStarted', started(attemptOf(1))],
      ['AttemptsAnswered', answered('permanent', { errorClass: 'recipientPermanent', code: '1' })],
      ['MessagesAdvanced', { items: [{ messageId: id, step: 1, reason: 'recipient' }] }],
      ['AttemptsStarted', started({ ...attemptOf(2), step: 1, channel: 'email' })],
      ['MessagesCancelled', { items: [{ messageId: id, reason: 'changed my mind' }] }],
      ['ReceiptsRecorded', receipt('delivered', 2)],
      ['ReceiptsRecorded', receipt('delivered', 1)],
    ]);
    const sentences = steps.map(({ sentence }) => sentence);
    expect(sentences[1]).to.equal(
      `Waits until ${time}, because it is night where the recipient lives.`,
    );
    expect(steps[3]?.details).to.deep.equal([
      'It said 1.',
      'The failure: of the address, for good.',
      'It took 41 ms.',
    ]);
    expect(sentences[4]).to.equal(
      'Goes on to step 2, email, because the provider says that the address receives nothing.',
    );
    expect(steps[6]?.flags).to.deep.equal(['too-late']);
    expect(steps[8]?.flags).to.deep.equal(['late', 'delivered-twice']);
  });

  it('reads neighbours together and passes over what is of others', async () => {
    const ofOthers = ['AttemptsStarted', started(attemptOf(1, another))] as const;
    const { log, reads, found } = await logOf([
      ['AttemptsStarted', started(attemptOf(1), attemptOf(1, another))],
      ofOthers,
      ['AttemptsAnswered', answered('submitted')],
      ...Array.from({ length: 20 }, () => ofOthers),
      ['ReceiptsRecorded', receipt('delivered')],
    ]);
    const timeline = await readTimeline(log, tenant, id, only(found), null);
    expect(timeline?.steps).to.have.length(4);
    expect(reads).to.deep.equal([1, 3, 1]);
  });

  it('has no empty line where a rule had nothing more to say', async () => {
    const held = { messageId: id, until: time, reason: 'no-provider', detail: '' };
    const { log, found } = await logOf([['MessagesHeld', { items: [held] }]]);
    const timeline = await readTimeline(log, tenant, id, only(found), null);
    expect(timeline?.steps[1]?.details).to.deep.equal([]);
  });

  it('tells operators what to do where nobody can carry it, and only then', async () => {
    const held = (reason: string, detail?: string) =>
      ['MessagesHeld', { items: [{ messageId: id, until: time, reason, detail }] }] as const;
    const adviceOf = async (journal: readonly Told[], reader: string | null = null) => {
      const { log, found } = await logOf(journal);
      return (await readTimeline(log, tenant, id, only(found), reader))?.advice;
    };
    const alone = await adviceOf([held('quiet-hours'), held('no-provider')]);
    expect(alone).to.include('a provider that carries sms by POST /admin/v1/outreach/providers');
    const named = await adviceOf([held('no-provider', 'sms_south: disabled')]);
    expect(named).to.include('Enable or mend one of the providers that were looked at');
    const ended = (status: string) =>
      ['MessagesEnded', { items: [{ messageId: id, status, reason: 'expired' }] }] as const;
    expect(await adviceOf([held('no-provider'), ended('expired')])).to.equal(alone);
    expect(await adviceOf([held('no-provider')], 'partner/motor')).to.equal(null);
    for (const over of [held('quiet-hours'), ['AttemptsStarted', started(attemptOf(1))] as const]) {
      expect(await adviceOf([held('no-provider'), over])).to.equal(null);
    }
  });

  it('tells its requester nothing of who carries it, and others nothing at all', async () => {
    const { log, found } = await logOf([
      [
        'MessagesHeld',
        {
          items: [
            {
              messageId: id,
              until: time,
              reason: 'no-provider',
              detail: 'sms_south: breaker-open',
            },
          ],
        },
      ],
      ['AttemptsStarted', started(attemptOf(1))],
      ['AttemptsAnswered', answered('submitted')],
      ['ReceiptsRecorded', receipt('delivered'), { kind: 'system', id: 'provider sms_north' }],
      [
        'MessagesCancelled',
        { items: [{ messageId: id, reason: 'x' }] },
        { kind: 'operator', id: 'ann_from_sales' },
      ],
    ]);
    const own = await readTimeline(log, tenant, id, only(found), 'partner/motor');
    expect(own?.steps).to.have.length(6);
    expect(own?.steps[4]?.actor).to.deep.equal({ kind: 'system', id: 'system' });
    expect(own?.steps[1]?.sentence).to.include('no provider can carry it');
    const all = await readTimeline(log, tenant, id, only(found), null);
    expect(all?.steps[4]?.actor.id).to.equal('provider sms_north');
    expect(all?.steps[1]?.details).to.deep.equal(['sms_south: breaker-open']);
    const text = JSON.stringify(own);
    for (const secret of ['sms_north', 'sms_south', '61000', hash, 'c2VjcmV0', 'ann_']) {
      expect(text).to.not.include(secret);
    }
    expect(await readTimeline(log, tenant, id, only(found), 'partner/bank')).to.equal(null);
    expect(await readTimeline(log, tenant, another as MessageId, only(null), null)).to.equal(null);
  });

  it('shows operators what was recorded, without hashes and what is sealed', async () => {
    const steps = await told([['AttemptsStarted', started(attemptOf(1))]]);
    const text = JSON.stringify(steps);
    expect(steps[1]?.data).to.include({ providerId: 'sms_north', segments: 2 });
    expect(text).to.include('61000');
    expect(text).to.not.include(hash).and.to.not.include('c2VjcmV0');
  });

  it('tells of a part of a digest what became of the one that took it', async () => {
    const { log, found } = await logOf([
      ['MessagesDigested', { into: another, messageIds: [another, id] }],
    ]);
    const endedAt = Date.parse('2026-11-20T11:00:00Z');
    const timelineWith = (digest: object | null) =>
      readTimeline(
        ...([log, tenant, id] as const),
        (of) => Promise.resolve(of === id ? found : (digest as FoundMessage | null)),
        'partner/motor',
      );
    const open = { messageId: another, status: 'inProgress', reason: null, endedAt: null };
    const going = await timelineWith(open);
    expect(going).to.include({ digestedInto: another });
    expect(going?.steps.at(-1)?.sentence).to.include(`a part of message ${another}`);
    expect(going?.fate?.sentence).to.include('is not over yet; it is inProgress.');

    const over = await timelineWith({ ...open, status: 'failed', reason: 'no-step', endedAt });
    expect(over?.fate).to.deep.equal({
      ...{ messageId: another, status: 'failed', reason: 'no-step' },
      endedAt: '2026-11-20T11:00:00.000Z',
      sentence: `Message ${another}, of which it is a part, is over, failed: it has no further step.`,
    });
    expect((await timelineWith(null))?.fate).to.equal(null);
  });

  it('says where it knows the request alone', async () => {
    const { log } = await logOf([['AttemptsStarted', started(attemptOf(1))]]);
    const timeline = await readTimeline(log, tenant, id, only(null), null);
    expect(timeline).to.include({ complete: false });
    expect(timeline?.steps).to.have.length(1);
  });

  it('has a sentence for every event of a journal', async () => {
    const facts = outboxEvents.map(({ type }) => {
      const path = join(packageRoot, `test/golden/events/${type}.v1.json`);
      return JSON.parse(readFileSync(path, 'utf8')) as Fact;
    });
    const steps = await told(facts.map(({ type, data }) => [type, data as object]));
    const types = new Set(steps.map(({ type }) => type));
    expect(outboxEvents.map(({ type }) => type).filter((type) => !types.has(type))).to.deep.equal(
      [],
    );
    for (const { sentence } of steps) expect(sentence).to.match(/^.{10,}\.$/);
  });

  it('shows codes that it does not know yet as they read', () => {
    expect(reasonWords('moon-is-full')).to.equal('moon is full');
    expect(verdictWords('too-blue')).to.equal('too blue');
  });
});
