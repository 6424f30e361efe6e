import { expect } from 'chai';
import { projectionsTable } from '../../../cli/projections.js';
import { duration, money } from '../../../cli/output/numbers.js';
import { showProgress } from '../../../cli/output/progress.js';
import { untilOf } from '../../../cli/replay.js';
import { verifiedText } from '../../../cli/verify.js';
import { parseWhen } from '../../../cli/when.js';
import { messageText } from '../../../cli/messageText.js';
import { whyText } from '../../../cli/why.js';
import { summaryOf } from '../../../cli/eventsTable.js';

describe('what the command line prints', () => {
  it('shows where read models stand', () => {
    const text = projectionsTable([
      {
        projection: 'balances',
        version: 1,
        question: '',
        status: 'live',
        position: '120345',
        head: '120400',
        behind: '55',
        secondsBehind: 0.25,
        events: 98000,
        eventsPerSecond: 1250,
        updatedAt: '2026-03-01T12:00:00.000Z',
        lastError: null,
      },
    ]);
    expect(text.split('\n')).to.deep.equal([
      'read model  status  position  behind     lag  events  events/s  updated (UTC)',
      'balances@1  live     120,345      55  250 ms  98,000     1,250  2026-03-01 12:00:00',
    ]);
  });

  it('says of a verification what is equal and what is not', () => {
    const text = verifiedText([
      { projection: 'sales', position: '10', rows: { daily_sales: 1200 }, differences: [] },
      {
        projection: 'tills',
        position: '10',
        rows: { tills: 2 },
        differences: [{ table: 'tills', liveOnly: 1, replayOnly: 0, samples: ['{"till":"x"}'] }],
      },
    ]);
    expect(text).to.match(/sales +10 +1,200 +equal/);
    expect(text).to.match(/tills: 1 only live, 0 only replayed/);
    expect(text).to.include('{"till":"x"}');
  });

  it('explains a purchase in sentences', () => {
    const text = whyText({
      purchaseId: '536365',
      stream: 'account-demo.1',
      merchantId: 1,
      status: 'partlyReturned',
      currency: 'GBP',
      total: 13912,
      steps: [
        {
          position: '7',
          revision: 1,
          type: 'PurchaseConfirmed',
          occurredAt: '2010-12-01T08:26:00.000Z',
          recordedAt: '2026-03-01T12:00:00.000Z',
          actor: { kind: 'till', id: 'till1' },
          correlationId: 'c-1',
          reasons: [
            { code: 'points-earned', sentence: '139.12 GBP earned 139 points.', figures: {} },
          ],
          data: { total: 13912, lines: [1, 2] },
        },
      ],
    });
    expect(text.split('\n')).to.deep.equal([
      'Purchase 536365 of 139.12 GBP at merchant 1: returned in part.',
      'Stream account-demo.1',
      '',
      'PurchaseConfirmed  2010-12-01 08:26:00 (recorded 2026-03-01 12:00:00)  by till till1',
      '  total=13912 lines[2]',
      '  - 139.12 GBP earned 139 points.',
      '  position 7, correlation c-1',
      '',
    ]);
  });

  it('explains a message in sentences', () => {
    const text = messageText({
      messageId: '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80' as never,
      ...{
        status: 'undelivered',
        digestedInto: null,
        fate: null,
        advice: null,
        leftOut: 0,
        complete: false,
      },
      steps: [
        {
          ...{ position: '7', recordedAt: '2026-03-01T12:00:00.000Z', type: 'ReceiptsRecorded' },
          ...{ actor: { kind: 'worker', id: 'outreach' }, attempt: 1, code: 'delivered' },
          sentence: 'Attempt 1: sms_north reports that it was delivered.',
          details: ['It came late: the message, or its step, was over already.'],
          ...{ flags: ['late'], status: 'undelivered' },
        },
      ],
    });
    expect(text.split('\n')).to.deep.equal([
      'Message 0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80: not delivered.',
      '',
      '2026-03-01 12:00:00  Attempt 1: sms_north reports that it was delivered. [late]',
      '  - It came late: the message, or its step, was over already.',
      '  ReceiptsRecorded, delivered, by worker outreach, position 7',
      '',
      'Only its request is known any more: the store of documents let the rest go.',
      '',
    ]);
  });

  it('says of a part of a digest which one took it, and what became of that', () => {
    const [messageId, digestedInto] = ['0b'.repeat(16), '9d'.repeat(16)] as never[] as [
      never,
      never,
    ];
    const sentence = `Message ${String(digestedInto)}, of which it is a part, is over, delivered.`;
    const text = messageText({
      ...{
        messageId,
        status: 'queued',
        digestedInto,
        advice: null,
        steps: [],
        leftOut: 0,
        complete: true,
      },
      fate: { messageId: digestedInto, status: 'delivered', reason: null, endedAt: null, sentence },
    });
    expect(text.split('\n')).to.deep.equal([
      `Message ${'0b'.repeat(16)} goes out as a part of message ${'9d'.repeat(16)}.`,
      `delivered: ${sentence}`,
      '',
    ]);
  });

  it('tells holds of a message that say the same once, and what to do about them', () => {
    const held = (minute: number, more: object = {}) => ({
      ...{ position: String(minute), recordedAt: `2026-03-01T12:0${minute}:00.000Z` },
      ...{ type: 'MessagesHeld', code: 'no-provider', actor: { kind: 'worker', id: 'outreach' } },
      ...{ attempt: null, flags: [], status: 'queued' as const, details: [] as string[] },
      sentence: `Waits until 12:0${minute + 1}, because no provider can carry it at the moment.`,
      ...more,
    });
    const text = messageText({
      messageId: '0b'.repeat(16) as never,
      ...{ status: 'queued', digestedInto: null, fate: null, leftOut: 0, complete: true },
      advice: 'Register a provider.',
      steps: [
        held(1),
        held(2),
        held(3),
        held(4, { details: ['try_out: disabled'] }),
        held(5),
      ] as never,
    });
    const lines = text.split('\n');
    const told = 'because no provider can carry it at the moment.';
    expect(lines.filter((line) => line.includes(told))).to.deep.equal([
      `2026-03-01 12:01:00 to 2026-03-01 12:03:00  Waits until 12:04, ${told}`,
      `2026-03-01 12:04:00  Waits until 12:05, ${told}`,
      `2026-03-01 12:05:00  Waits until 12:06, ${told}`,
    ]);
    expect(text).to.include(
      '  3 times in a row, MessagesHeld, no-provider, by worker outreach, positions 1 to 3\n',
    );
    expect(lines.slice(-3)).to.deep.equal(['', 'Register a provider.', '']);
  });

  it('tells a message that is to be tried again from one whose turn did not come yet', () => {
    const answered = {
      ...{ position: '7', recordedAt: '2026-03-01T12:00:00.000Z', type: 'AttemptsAnswered' },
      ...{ actor: { kind: 'worker', id: 'outreach' }, attempt: 1, code: 'transient', flags: [] },
      ...{ sentence: 'Attempt 1: mail could not take it now.', details: [], status: 'queued' },
    };
    const headOf = (...steps: object[]) =>
      messageText({
        messageId: '0b'.repeat(16) as never,
        ...{ status: 'queued', digestedInto: null, fate: null, leftOut: 0, complete: true },
        advice: null,
        steps: steps as never,
      }).split('\n')[0];
    expect(headOf(answered)).to.equal(`Message ${'0b'.repeat(16)}: is to be tried again.`);
    expect(headOf()).to.equal(`Message ${'0b'.repeat(16)}: waits for its turn.`);
  });

  it('writes plain lines of progress where there is no terminal', () => {
    const written: string[] = [];
    let now = 0;
    const stream = { isTTY: false, write: (text: string) => written.push(text) > 0 };
    const progress = showProgress({
      label: 'file',
      unit: 'receipts',
      stream: stream as unknown as NodeJS.WriteStream,
      now: () => now,
    });
    now = 1_000;
    progress.update(0.1, 500);
    now = 10_000;
    progress.update(0.25, 5_000);
    expect(written).to.deep.equal(['file 25 %, 5,000 receipts, 500/s, 0:30 left\n']);
  });

  it('writes amounts and durations as people do', () => {
    expect([money(-5), money(123456789), duration(3700), duration(65)]).to.deep.equal([
      '-0.05',
      '1,234,567.89',
      '1:01:40',
      '1:05',
    ]);
  });

  it('cuts the data of an event to a line', () => {
    expect(summaryOf({ a: 1, list: [1, 2], deep: { b: 1 }, text: 'x'.repeat(90) }, 30)).to.equal(
      'a=1 list[2] deep{…} text=xxxx…',
    );
  });
});

describe('times on the command line', () => {
  const now = Date.UTC(2026, 2, 1, 12);
  const iso = (text: string, end = false): string | null => {
    const at = parseWhen(text, now, end);
    return at === null ? null : new Date(at).toISOString();
  };

  it('are days, times and spans back from now', () => {
    expect(iso('2026-02-01')).to.equal('2026-02-01T00:00:00.000Z');
    expect(iso('2026-02-01', true)).to.equal('2026-02-01T23:59:59.999Z');
    expect(iso('2026-02-01T10:30')).to.equal('2026-02-01T10:30:00.000Z');
    expect(iso('2026-02-01 10:30:05+01:00')).to.equal('2026-02-01T09:30:05.000Z');
    expect(iso('90m')).to.equal('2026-03-01T10:30:00.000Z');
    for (const wrong of ['yesterday', '2026-13-01', '10:30', '5w', '']) {
      expect(iso(wrong), wrong).to.equal(null);
    }
  });

  it('of a replay may be a position instead', () => {
    expect(untilOf('120000', now)).to.deep.equal({ position: '120000' });
    expect(untilOf('2h', now)).to.deep.equal({ recordedAt: '2026-03-01T10:00:00.000Z' });
    expect(() => untilOf('soon', now)).to.throw('neither a position nor a time');
  });
});
