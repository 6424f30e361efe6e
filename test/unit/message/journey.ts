/** A message and its journal, spelt so that a test reads as what happened. Times are seconds after the message was accepted. */
import type { MessageId } from '../../../domain/ids.js';
import type { OutboxEvent } from '../../../domain/message/events.js';
import {
  type Accepted,
  accepted,
  changesOf,
  evolve,
  type Message,
  type Next,
  nextOf,
} from '../../../domain/message/message.js';
import type { Step } from '../../../domain/strategy/step.js';

export const messageId = '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80' as MessageId;
export const begin = Date.parse('2026-03-02T09:00:00Z');
export const at = (seconds: number): number => begin + seconds * 1_000;
export const iso = (seconds: number): string => new Date(at(seconds)).toISOString();

export const sms: Step = { channel: 'sms', until: 'delivered', waitSeconds: 600 };
export const push: Step = { channel: 'push', until: 'delivered', waitSeconds: 60 };
export const email: Step = { channel: 'email', until: 'accepted', waitSeconds: 3_600 };

export const request = (more: Partial<Accepted> = {}): Accepted => ({
  messageId,
  class: 'service',
  requester: { kind: 'operator', id: 'anna' },
  recipient: { userId: null, subject: 'addr_1', addresses: {} },
  template: null,
  sealed: 'AA',
  strategy: null,
  steps: [sms],
  notBefore: null,
  expiresAt: iso(3_600),
  lane: 0,
  ...more,
});

export class Journey {
  message: Message;
  private attempt = 0;
  private position = 100n;

  constructor(more: Partial<Accepted> = {}) {
    this.message = accepted(request(more), begin);
  }

  /** @param seconds when it was recorded. */
  record(seconds: number, event: OutboxEvent): this {
    this.position += 1n;
    const fact = { ...event, recordedAt: at(seconds), position: this.position };
    for (const { messageId: id, change } of changesOf(fact)) {
      if (id === this.message.messageId) this.message = evolve(this.message, change);
    }
    return this;
  }

  start(
    seconds: number,
    more: { step?: number; receipts?: 'none'; silenceSeconds?: number } = {},
  ): this {
    this.attempt += 1;
    const step = more.step ?? this.message.step;
    return this.record(seconds, {
      type: 'AttemptsStarted',
      data: {
        decisions: [{ version: 1, rule: null, chosen: 'north' as never, candidates: [] }],
        attempts: [
          {
            messageId,
            attempt: this.attempt,
            step,
            channel: this.message.steps[step]?.channel ?? 'sms',
            providerId: 'north' as never,
            clientReference: `${messageId}.${this.attempt}`,
            decision: 0,
            permission: { basis: 'class', asOf: '1' },
            address: 'a'.repeat(64),
            ...(more.receipts ? { receipts: more.receipts } : {}),
            ...(more.silenceSeconds === undefined ? {} : { silenceSeconds: more.silenceSeconds }),
          },
        ],
      },
    });
  }

  answer(
    seconds: number,
    outcome: 'submitted' | 'throttled' | 'retryable' | 'permanent' | 'unknown',
    more: {
      errorClass?: Message['attempts'][number]['errorClass'] & string;
      retryAt?: string;
      reconciled?: true;
      attempt?: number;
    } = {},
  ): this {
    const item = { messageId, attempt: this.attempt, outcome, at: iso(seconds), ms: 5, ...more };
    return this.record(seconds, { type: 'AttemptsAnswered', data: { answers: [item] } });
  }

  receipt(
    seconds: number,
    status: 'delayed' | 'deliveredToOperator' | 'delivered' | 'undelivered',
    more: { attempt?: number; errorClass?: 'transient' | 'recipientPermanent' } = {},
  ): this {
    const item = { messageId, attempt: this.attempt, status, at: iso(seconds), ...more };
    return this.record(seconds, { type: 'ReceiptsRecorded', data: { receipts: [item] } });
  }

  engage(seconds: number, kind: 'seen' | 'read' | 'clicked', attempt = this.attempt): this {
    const item = { messageId, attempt, kind, at: iso(seconds) };
    return this.record(seconds, { type: 'EngagementsRecorded', data: { engagements: [item] } });
  }

  hold(seconds: number, until: number, reason: string): this {
    const items = [{ messageId, until: iso(until), reason }];
    return this.record(seconds, { type: 'MessagesHeld', data: { items } });
  }

  cancel(seconds: number): this {
    const items = [{ messageId, reason: 'withdrawn' }];
    return this.record(seconds, { type: 'MessagesCancelled', data: { items } });
  }

  reschedule(seconds: number, notBefore: number, expiresAt?: number): this {
    const expiry = expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) };
    const items = [{ messageId, notBefore: iso(notBefore), ...expiry }];
    return this.record(seconds, { type: 'MessagesRescheduled', data: { items } });
  }

  next(seconds: number): Next {
    return nextOf(this.message, at(seconds));
  }

  /** Records what the queue would of an advance or an end. */
  obey(seconds: number): this {
    const next = this.next(seconds);
    if (next.kind === 'advance') {
      const items = [{ messageId, step: next.to, reason: next.reason }];
      return this.record(seconds, { type: 'MessagesAdvanced', data: { items } });
    }
    if (next.kind !== 'end') throw new Error(`nothing to record: ${JSON.stringify(next)}`);
    const items = [{ messageId, status: next.status, reason: next.reason }];
    return this.record(seconds, { type: 'MessagesEnded', data: { items } });
  }
}
