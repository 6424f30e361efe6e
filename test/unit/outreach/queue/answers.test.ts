/** What is recorded of a provider's answer: what it means, and nothing personal that it repeats. */
import { expect } from 'chai';
import type { MessageId } from '../../../../domain/ids.js';
import { errorClasses } from '../../../../domain/message/kinds.js';
import { answerOf, masked, reconciledAnswer } from '../../../../workers/outreach/answers.js';
import { attemptOfReference } from '../../../../workers/outreach/clientReference.js';

const messageId = '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80' as MessageId;
const outgoing = {
  to: { kind: 'phone', phone: '+37125550011' },
  content: { text: 'Your "code" is 1234' },
} as const;
const about = { messageId, attempt: 2, at: Date.UTC(2026, 10, 22), ms: 12, outgoing };

describe('the answer of a provider', () => {
  it('says nothing of the address and the words that it repeats', () => {
    const text =
      'refused 37125550011 and +37125550011: Your "code" is 1234, {"Your \\"code\\" is 1234"}';
    const shown = masked(text, outgoing);
    expect(shown).not.to.match(/37125550011|1234/);
    const answer = answerOf(
      { outcome: 'refused', errorClass: 'transient', code: '+37125550011', text, response: text },
      about,
    );
    expect(JSON.stringify(answer)).not.to.match(/37125550011|1234/);
  });

  it('has an outcome for every class, and a time where it may be tried again', () => {
    const outcomes = errorClasses.map((errorClass) => {
      const { outcome, retryAt } = answerOf(
        { outcome: 'refused', errorClass, code: 'x', text: '', retryAfterMs: 2_000 },
        about,
      );
      return `${errorClass} ${outcome} ${retryAt === undefined ? 'never' : 'again'}`;
    });
    expect(outcomes).to.deep.equal([
      'throttled throttled again',
      'transient retryable again',
      'unknownOutcome unknown again',
      'recipientPermanent permanent never',
      'contentPermanent permanent never',
      'accountPermanent permanent again',
      'expired permanent never',
    ]);
  });

  it('lets nothing be sent again that may have arrived', () => {
    const unknown = reconciledAnswer({ outcome: 'unknown' }, about, 0);
    const later = reconciledAnswer({ outcome: 'unknown' }, about, 3);
    expect(unknown).to.include({ outcome: 'unknown', reconciled: true });
    expect(Date.parse(later.retryAt ?? '')).to.be.greaterThan(Date.parse(unknown.retryAt ?? ''));
    const never = reconciledAnswer({ outcome: 'unknown', cannotBeAsked: true }, about, 0);
    expect(never).to.include({ outcome: 'unknown', code: 'cannot-be-asked', reconciled: true });
    expect(never).to.not.have.property('retryAt');
    const lost = reconciledAnswer({ outcome: 'never-arrived' }, about, 0);
    expect(lost).to.include({ outcome: 'retryable', code: 'never-arrived', reconciled: true });
  });

  it('is joined by a reference of ours, and by no other', () => {
    expect(attemptOfReference(`${messageId}-12`)).to.deep.equal({ messageId, attempt: 12 });
    for (const other of ['', messageId, `${messageId}-0`, `x${messageId}-1`, `${messageId}-1x`]) {
      expect(attemptOfReference(other), other).to.equal(null);
    }
  });
});
