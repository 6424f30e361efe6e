/** What comes back of letters: by the letters of real servers, and by whatever else anybody may send. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';
import { packageRoot } from '../../../../platform/packageRoot.js';
import { letterFaults } from '../../../../workers/outreach/providers/smtp/report/fault.js';
import type { CallbackResult, Receipt } from '../../../../workers/outreach/providers/port.js';
import { createMarks, mailboxLengthMax } from '../../../../workers/outreach/providers/smtp/mark.js';
import {
  handOver,
  letterNames,
  letterOf,
  mailer,
  now,
  reference,
  settings,
  token,
} from './letters.js';
import { smtpFaults } from '../../../../workers/outreach/providers/smtp/settings.js';

const receiptIn = (result: CallbackResult): Receipt => {
  if (result.kind !== 'receipts') throw new Error(`${result.kind}: ${result.reason}`);
  expect(result.receipts).to.have.length(1);
  return result.receipts[0] as Receipt;
};
const reasonOf = (result: CallbackResult): string =>
  result.kind === 'receipts' ? 'taken' : `${result.kind} ${result.reason}`;
const at = (text: string): number => Date.parse(text);

describe('letters that come back', () => {
  const told: Readonly<Record<string, Omit<Receipt, 'clientReference' | 'text'>>> = {
    'postfix-unknown': {
      ...{ status: 'undelivered', cause: 'bounce', errorClass: 'recipientPermanent' },
      ...{ code: '5.1.1', at: at('2026-11-20T10:00:05Z') },
    },
    'postfix-delayed': { status: 'delayed', code: '4.4.1', at: at('2026-11-20T14:00:05Z') },
    'postfix-relayed': {
      ...{ status: 'deliveredToOperator', code: '2.0.0', at: at('2026-11-20T10:00:05Z') },
    },
    'exim-unknown': {
      ...{ status: 'undelivered', cause: 'bounce', errorClass: 'recipientPermanent' },
      ...{ code: '5.1.1', at: at('2026-11-20T10:00:09Z') },
    },
    'exchange-unknown': {
      ...{ status: 'undelivered', cause: 'bounce', errorClass: 'recipientPermanent' },
      ...{ code: '5.1.10', at: at('2026-11-20T10:00:06Z') },
    },
    'gmail-full': {
      ...{ status: 'undelivered', cause: 'bounce', code: '5.2.2' },
      at: at('2026-11-20T10:00:05Z'),
    },
    'gmail-empty': {
      ...{ status: 'undelivered', cause: 'bounce', code: '5.0.0' },
      at: at('2026-11-20T10:00:56Z'),
    },
    'sendmail-unknown': {
      ...{ status: 'undelivered', cause: 'bounce', errorClass: 'recipientPermanent' },
      ...{ code: '5.1.1', at: at('2026-11-20T10:00:56Z') },
    },
    'outlook-complaint': {
      ...{ status: 'delivered', cause: 'complaint', code: 'abuse' },
      at: at('2026-11-20T20:15:00Z'),
    },
    'global-mixed': {
      ...{ status: 'undelivered', cause: 'bounce', errorClass: 'recipientPermanent' },
      ...{ code: '5.2.1', at: at('2026-11-20T10:00:05Z') },
    },
    'arf-abuse': {
      ...{ status: 'delivered', cause: 'complaint', code: 'abuse' },
      at: at('2026-11-20T18:30:00Z'),
    },
  };

  for (const [name, expected] of Object.entries(told)) {
    it(`are understood as ${name} writes them, with either end of line`, () => {
      const letter = letterOf(name);
      const { text, ...receipt } = receiptIn(handOver(letter));
      expect(receipt).to.deep.equal({ clientReference: reference, ...expected });
      expect(handOver(letter.replaceAll('\n', '\r\n'))).to.deep.equal(handOver(letter));
      if (name === 'global-mixed') expect(text).to.include('für Frank');
      if (name === 'postfix-unknown') expect(text).to.include('User unknown in virtual mailbox');
    });
  }

  it('have all been tried', () => {
    expect([...Object.keys(told), 'out-of-office'].sort()).to.deep.equal(letterNames.sort());
  });

  it('are named by whatever of their marks is left', () => {
    const letter = letterOf('postfix-unknown');
    const mark = createMarks([token], mailer).of(reference) ?? '';
    const withoutMark = letter.replaceAll(mark, 'gone');
    expect(receiptIn(handOver(withoutMark))).to.include({ clientReference: reference });
    const withoutId = letter.replace(/^Message-ID: .*$/m, 'Message-ID: <x@y.example>');
    expect(receiptIn(handOver(withoutId))).to.include({ clientReference: reference });
    const capitals = withoutId.replaceAll(mark, mark.toUpperCase());
    expect(receiptIn(handOver(capitals))).to.include({ clientReference: reference });
    const neither = withoutMark.replace(/^Message-ID: .*$/m, '');
    expect(reasonOf(handOver(neither))).to.match(/^unreadable not-ours/);
  });

  it('are not made up: nobody signs for another letter, provider or programme', () => {
    const letter = letterOf('postfix-unknown');
    const other = letter
      .replaceAll('0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80-2', '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80-3')
      .replace(/([a-z2-7]{42})2(?=[@\s])/g, '$13');
    expect(other).to.not.equal(letter);
    expect(reasonOf(handOver(other))).to.match(/^unreadable not-ours/);
    for (const of of [
      { ...mailer, providerId: 'mail_other' as ProviderId },
      { ...mailer, tenant: 'other' as TenantId },
    ]) {
      expect(reasonOf(handOver(letterOf('postfix-unknown', of)))).to.match(/^unreadable not-ours/);
    }
    const elsewhere = letterOf('postfix-unknown', mailer, 'x'.repeat(40));
    expect(reasonOf(handOver(elsewhere))).to.match(/^unreadable not-ours/);
  });

  it('are taken of nobody without the token, and of letters sent with the token before', () => {
    const letter = letterOf('postfix-unknown');
    for (const given of [null, '', 'a guess', `${token}x`, token.slice(1)]) {
      expect(reasonOf(handOver(letter, { given }))).to.match(/^refused/);
    }
    expect(reasonOf(handOver(letter, { secrets: {} }))).to.match(/^refused no bounces/);
    const secrets = { bounceToken: 'y'.repeat(40), bounceTokenBefore: token };
    expect(receiptIn(handOver(letter, { given: 'y'.repeat(40), secrets }))).to.include({
      clientReference: reference,
    });
  });

  it('are told what they are at fault of', () => {
    const letter = letterOf('postfix-unknown');
    const head = 'Date: Fri, 20 Nov 2026 10:00:05 +0000\n';
    const nested = (depth: number): string =>
      depth === 0
        ? '\nend\n'
        : `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${nested(depth - 1)}`;
    const many = `--b\nX: y\n\n`.repeat(100);
    const mistakes: readonly (readonly [string, string])[] = [
      ['', 'no-report'],
      ['not a letter at all', 'no-report'],
      [letterOf('out-of-office'), 'no-report'],
      [`${head}Content-Type: multipart/report\n\n--\n`, 'no-boundary'],
      [nested(9), 'too-deep'],
      [`Content-Type: multipart/mixed; boundary=b\n\n${many}`, 'too-many-parts'],
      [`${'X: y\n'.repeat(1_001)}\n`, 'too-many-headers'],
      ['x'.repeat(262_145), 'too-large'],
      [letter.replace(/^Action: .*$/m, 'Action: sang').replace(/^Status: .*$/m, ''), 'no-action'],
      [letter.replaceAll(/^(Date|Arrival-Date): .*$/gm, '$1: yesterday'), 'no-date'],
      [letter.replaceAll(/^(Date|Arrival-Date): .*$/gm, '$1: 1 Jan 2031 00:00 +0000'), 'no-date'],
      [
        letter.replace(
          'Content-Type: message/delivery-status',
          'Content-Type: message/delivery-status\nContent-Transfer-Encoding: rot13',
        ),
        'bad-encoding',
      ],
      [
        letterOf('arf-abuse').replace('Feedback-Type: abuse', 'Feedback-Type: not-spam'),
        'feedback-unused',
      ],
      [
        letter.replace(/^Action: failed$/m, `Action: failed\n${'\nAction: failed\n'.repeat(102)}`),
        'too-many-recipients',
      ],
    ];
    for (const [given, fault] of mistakes) {
      expect(reasonOf(handOver(given)), given.slice(0, 300)).to.match(
        new RegExp(`^unreadable ${fault}: `),
      );
    }
  });

  it('are at fault of nothing that the guide does not name', () => {
    const guide = readFileSync(join(packageRoot, 'docs/guides/providers.md'), 'utf8');
    for (const fault of Object.keys(letterFaults)) expect(guide).to.include(`\`${fault}\``);
  });

  it('are read as far as they go where they were cut off', () => {
    const letter = letterOf('exchange-unknown');
    const cut = letter.slice(0, letter.indexOf('\n\nYou have ten points.'));
    expect(receiptIn(handOver(cut))).to.include({ code: '5.1.10', clientReference: reference });
  });

  it('give an address up only where nothing speaks for it', () => {
    const group = (action: string, status: string, said = 'smtp; 550 no') =>
      `Final-Recipient: rfc822; a@b.example\nAction: ${action}\nStatus: ${status}\nDiagnostic-Code: ${said}\n`;
    const letter = letterOf('postfix-unknown');
    const begin = letter.indexOf('Final-Recipient: ');
    const end = letter.indexOf('\n--', begin);
    const of = (...groups: string[]): Receipt =>
      receiptIn(handOver(letter.slice(0, begin) + groups.join('\n') + letter.slice(end)));
    const classOf = (...groups: string[]) => {
      const { status, code, errorClass } = of(...groups);
      return [status, code, errorClass].filter(Boolean).join(' ');
    };
    expect([
      classOf(group('failed', '5.1.2')),
      classOf(group('failed', '5.7.1')),
      classOf(group('failed', '5.3.4')),
      classOf(group('failed', '4.4.7')),
      classOf(group('failed', '5.0.0', 'smtp; 550 5.1.6 moved to 5.1.1.2')),
      classOf(group('failed', '5.0.0', 'smtp; 550 Mailbox does not exist at [5.1.1.2]')),
      classOf(group('failed', '5.0.0', 'smtp; 554 we do not like you')),
      classOf(group('failed', '5.1.0', 'smtp; 550 Sender address rejected: Domain does not exist')),
      classOf(group('failed', '5.7.0', 'smtp; 550 no such user as you may write to us')),
      classOf(group('Failed (after five days)', '5.0.0 (unknown)')),
      classOf(group('', '5.1.1')),
      classOf(group('failed', '5.1.1'), group('delivered', '2.0.0')),
      classOf(group('failed', '5.1.1'), group('delayed', '4.4.1')),
      classOf(group('failed', '5.1.1'), group('failed', '5.2.2')),
      classOf(group('failed', '5.1.1'), group('failed', '5.1.2')),
      classOf(group('expanded', '2.0.0')),
    ]).to.deep.equal([
      'undelivered 5.1.2 recipientPermanent',
      'undelivered 5.7.1',
      'undelivered 5.3.4 contentPermanent',
      'undelivered 4.4.7',
      'undelivered 5.1.6 recipientPermanent',
      'undelivered 5.1.1 recipientPermanent',
      'undelivered 5.0.0',
      'undelivered 5.1.0',
      'undelivered 5.7.0',
      'undelivered 5.0.0',
      'undelivered 5.1.1 recipientPermanent',
      'delivered 2.0.0',
      'delayed 4.4.1',
      'undelivered 5.1.1',
      'undelivered 5.1.1 recipientPermanent',
      'deliveredToOperator 2.0.0',
    ]);
  });
});

describe('marks of letters', () => {
  const marks = createMarks([token], mailer);
  const references = fc
    .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 1, max: 999_999 }))
    .map(([id, attempt]) => `${Buffer.from(id).toString('hex')}-${attempt}`);

  it('come back as they went, in an address that servers take', () => {
    const mailbox = 'b'.repeat(mailboxLengthMax);
    fc.assert(
      fc.property(references, (one) => {
        const sender = marks.sender(`${mailbox}@mail.shop.example`, one);
        expect(sender.indexOf('@')).to.be.at.most(64);
        expect(marks.find(['nothing', `Bounce <${sender.toUpperCase()}>`])).to.equal(one);
        expect(marks.find([`<${marks.messageId(one)}@shop.example>`])).to.equal(one);
        expect(marks.find([marks.of(one) ?? ''])).to.equal(one);
      }),
    );
  });

  it('are of attempts only: what was sent as a test has none', () => {
    expect(marks.of('test.0123')).to.equal(null);
    expect(marks.sender('bounces@shop.example', 'test.0123')).to.equal('bounces@shop.example');
  });

  it('are found in nothing that was changed', () => {
    const mark = marks.of(reference) ?? '';
    fc.assert(
      fc.property(
        fc.nat({ max: mark.length - 1 }),
        fc.constantFrom(...'abcxyz234'),
        (at_, sign) => {
          fc.pre(mark[at_] !== sign);
          const changed = mark.slice(0, at_) + sign + mark.slice(at_ + 1);
          const found = marks.find([changed]);
          // The last letter of the id holds two bits that mean nothing.
          expect(found === null || (at_ === 25 && found === reference)).to.equal(true);
        },
      ),
    );
  });

  it('need a token, and a mailbox that leaves room for them', () => {
    const address = (name: string) => ({
      ...settings,
      bounces: { address: `${name}@shop.example` },
    });
    const secrets = { bounceToken: token };
    expect(smtpFaults(address('bounces'), secrets)).to.deep.equal([]);
    expect(smtpFaults(address('bounces'), {})).to.deep.equal([
      'settings.bounces needs secrets.bounceToken',
    ]);
    expect(smtpFaults(address('b'.repeat(mailboxLengthMax + 1)), secrets)).to.have.length(1);
    expect(smtpFaults(address('boun+ces'), secrets)).to.have.length(1);
  });
});

describe('letters of anybody', () => {
  const answers = (letter: string | Buffer): void => {
    const { kind } = handOver(letter);
    expect(kind).to.be.oneOf(['receipts', 'unreadable']);
  };

  it('are read or refused, whatever they hold', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (it) => answers(Buffer.from(it))));
    const line = fc.constantFrom(
      ...['', '--b', '--b--', '--', ' folded', '\tfolded', ':', 'X:', 'From me', '=', '=3D='],
      ...['Content-Type: multipart/report; boundary=b', 'Content-Type: message/delivery-status'],
      ...['Content-Type: multipart/mixed; boundary="b', 'Content-Type: message/feedback-report'],
      ...['Content-Transfer-Encoding: base64', 'Content-Transfer-Encoding: quoted-printable'],
      ...['Action: failed', 'Status: 5.1.1', 'Date: Fri, 20 Nov 2026 10:00:05 +0000'],
      ...['Feedback-Type: abuse', 'Content-Type: text/rfc822-headers', 'Diagnostic-Code: ;;'],
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 60 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        (all, end) => answers(all.join(end)),
      ),
      { numRuns: 300 },
    );
  });

  it('are read or refused where letters of servers were spoilt', () => {
    const spoilt = fc
      .tuple(
        fc.constantFrom(...letterNames),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.string()), { maxLength: 5 }),
      )
      .map(([name, cuts]) =>
        cuts.reduce((letter, [from, length, put]) => {
          const begin = from % (letter.length + 1);
          return letter.slice(0, begin) + put + letter.slice(begin + (length % 200));
        }, letterOf(name)),
      );
    fc.assert(fc.property(spoilt, answers), { numRuns: 300 });
  });

  it('take time by their length alone', () => {
    const full = (piece: string, head = ''): string =>
      head + piece.repeat(Math.floor((262_144 - head.length) / piece.length));
    const report =
      'Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n';
    const worst = [
      full(' \n', 'X: y\n'),
      full('a'),
      full('"', 'Content-Type: multipart/report; boundary='),
      full('\\', 'Content-Type: multipart/report; boundary="'),
      full('--b ', report),
      full('--bb\n', report),
      full('=\n', `${report}Content-Transfer-Encoding: quoted-printable\n\n`),
      full('=3D', `${report}Content-Transfer-Encoding: quoted-printable\n\n`),
      full(' ', `${report}\nAction: failed\nDiagnostic-Code: smtp; `),
      full('5.1.', `${report}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; `),
      full('5.1.1.', `${report}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; `),
      full(`${'a'.repeat(60)}<`, 'To: '),
      full('\nX: y\n', `${report}\n`),
      full('\n \nx\n', `${report}\n`),
      full('To: a\n'),
    ];
    for (const letter of worst) {
      const before = process.cpuUsage();
      answers(letter);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000, JSON.stringify(letter.slice(0, 120))).to.be.below(400);
    }
  });

  it('are of the time that they say, and so the same when they are handed over again', () => {
    const letter = letterOf('gmail-full');
    expect(handOver(letter)).to.deep.equal(handOver(letter));
    expect(receiptIn(handOver(letter)).at).to.be.below(now);
  });
});
