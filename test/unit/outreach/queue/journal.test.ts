/** What is appended to a lane's journal, and what is not when somebody else wrote there. */
import { expect } from 'chai';
import { LogUnavailable } from '../../../../commands/log.js';
import type { NewFact } from '../../../../domain/fact.js';
import type { MessageId, ProviderId, TenantId } from '../../../../domain/ids.js';
import { outboxStream } from '../../../../domain/message/lanes.js';
import { createMemoryLog, type MemoryLog } from '../../../../platform/memory/log.js';
import { createJournal, type Journal } from '../../../../workers/outreach/journal.js';
import type { Begin } from '../../../../workers/outreach/journalEvents.js';

const tenant = 'demo' as TenantId;
const stream = outboxStream(tenant, 0);
const idOf = (number: number): MessageId => String(number).padStart(32, '0') as MessageId;

const beginOf = (number: number, stillHolds = () => true): Begin => ({
  decision: { version: 0, rule: null, chosen: 'sms_one' as ProviderId, candidates: [] },
  start: {
    ...{ messageId: idOf(number), attempt: 1, step: 0, channel: 'sms' },
    ...{ providerId: 'sms_one' as ProviderId, clientReference: `${idOf(number)}-1` },
    ...{ address: 'a'.repeat(64), permission: { basis: 'class', asOf: '1' } },
  },
  stillHolds,
});

const cancelOf = (number: number): NewFact => ({
  ...{ id: `cancel-${number}`, type: 'MessagesCancelled' },
  data: { items: [{ messageId: idOf(number), reason: 'x' }] },
  metadata: {
    ...{ tenant, actor: { kind: 'operator', id: 'ann' }, correlationId: 'c', causationId: 'c' },
    ...{ commandId: 'c', occurredAt: '2026-11-22T12:00:00.000Z', schemaVersion: 1 },
    fingerprint: '',
  },
});

describe('the journal of a lane', () => {
  let log: MemoryLog;
  let seen: string[];
  const open = (from: MemoryLog = log): Journal =>
    createJournal({
      ...{ log: from, tenant, lane: 0, owner: 'me', revision: -1, now: () => 1_000 },
      onChange: (messageId, _revision, { type }) => void seen.push(`${type} ${Number(messageId)}`),
      onTrouble: () => undefined,
    });

  beforeEach(() => {
    log = createMemoryLog();
    seen = [];
  });

  it('puts what is said in one turn into one append', async () => {
    const journal = open();
    await Promise.all([
      journal.begin([beginOf(1), beginOf(2)]),
      journal.begin([beginOf(3)]),
      journal.say({ ended: [{ messageId: idOf(4), status: 'failed', reason: 'x' }] }),
    ]);
    expect(log.facts.map(({ type }) => type)).to.deep.equal(['MessagesEnded', 'AttemptsStarted']);
    expect(seen).to.deep.equal([
      ...['MessagesEnded 4', 'AttemptsStarted 1', 'AttemptsStarted 2', 'AttemptsStarted 3'],
    ]);
    const { decisions } = log.facts[1]?.data as { decisions: unknown[] };
    expect(decisions, 'told once').to.have.length(1);
  });

  it('begins nothing that an order met on the way speaks against', async () => {
    const journal = open();
    await journal.begin([beginOf(1)]);
    await log.append(stream, 'any', [cancelOf(2)]);
    const isCancelled = () => seen.includes('MessagesCancelled 2');
    const [stopped, free] = [beginOf(2, () => !isCancelled()), beginOf(3)];
    const begun = await journal.begin([stopped, free]);
    expect([...begun]).to.deep.equal([free]);
    const { attempts } = log.facts.at(-1)?.data as { attempts: { messageId: string }[] };
    expect(attempts.map(({ messageId }) => messageId)).to.deep.equal([idOf(3)]);
    expect(seen.slice(1)).to.deep.equal(['MessagesCancelled 2', 'AttemptsStarted 3']);
  });

  it('begins what another sender has not begun, and takes in what it did', async () => {
    const [one, other] = [open(), open()];
    await one.begin([beginOf(1)]);
    seen = [];
    const begun = await other.begin([beginOf(1, () => !seen.includes('AttemptsStarted 1'))]);
    expect(begun.size).to.equal(0);
    expect(log.facts).to.have.length(1);
  });

  it('begins one-time passwords before all else that waits to be written', async () => {
    const journal = open();
    const numbers = Array.from({ length: 6 }, (_, index) => index + 1);
    const said = numbers.map((from) =>
      journal.say({
        ended: Array.from({ length: 400 }, (_, index) => ({
          ...{ messageId: idOf(from * 1_000 + index), status: 'failed' as const, reason: 'x' },
        })),
      }),
    );
    await Promise.resolve();
    await Promise.all([...said, journal.begin([beginOf(1)], true)]);
    const types = log.facts.map(({ type }) => type);
    expect(types.indexOf('AttemptsStarted')).to.be.lessThan(3);
    expect(types).to.have.length(7);
  });

  it('tells what begins nothing without regard to what others wrote, and takes that in too', async () => {
    let appends = 0;
    const counting: MemoryLog = {
      ...log,
      append: (...given) => ((appends += 1), log.append(...given)),
    };
    const journal = open(counting);
    await journal.begin([beginOf(1)]);
    await log.append(stream, 'any', [cancelOf(2)]);
    await journal.say({ ended: [{ messageId: idOf(4), status: 'failed', reason: 'x' }] });
    expect(appends).to.equal(2);
    expect(seen.slice(1)).to.deep.equal(['MessagesCancelled 2', 'MessagesEnded 4']);
    expect(journal.revision).to.equal(2);
  });

  it('repeats an append whose answer was lost, and records it once', async () => {
    let fails = 2;
    const lossy: MemoryLog = {
      ...log,
      append: async (...given) => {
        const appended = await log.append(...given);
        if ((fails -= 1) >= 0) throw new LogUnavailable('the answer was lost');
        return appended;
      },
    };
    const journal = open(lossy);
    const begin = beginOf(1);
    expect((await journal.begin([begin])).has(begin)).to.equal(true);
    expect(log.facts).to.have.length(1);
    expect(seen).to.deep.equal(['AttemptsStarted 1']);
  });
});
