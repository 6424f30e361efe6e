/** Where requests are taken and orders given, over a log in memory; what the queue would know is folded from the log. */
import { createDirectory, type Directory } from '../../../commands/directory.js';
import {
  type AcceptContext,
  type AcceptItem,
  type AcceptMessages,
  type AcceptResult,
  createAcceptMessages,
  type JustAccepted,
} from '../../../commands/message/accept.js';
import { createMessageOrders, type MessageOrders } from '../../../commands/message/order.js';
import type { Outcomes } from '../../../commands/message/outcomes.js';
import type { PersonalKeys } from '../../../commands/personalData.js';
import type { Fact } from '../../../domain/fact.js';
import type { MessageId, TenantId } from '../../../domain/ids.js';
import {
  type Accepted,
  accepted,
  changesOf,
  evolve,
  type Message,
} from '../../../domain/message/message.js';
import { createMemoryLog, type MemoryLog } from '../../../platform/memory/log.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';

export const tenant = 'demo' as TenantId;

export const folded = (facts: readonly Fact[], messageId: string): Message | null => {
  let message: Message | null = null;
  for (const fact of facts) {
    const data = fact.data as Accepted;
    if (fact.type === 'MessageAccepted' && data.messageId === messageId) {
      message = accepted(data, fact.recordedAt);
    }
    for (const { messageId: of, change } of changesOf(fact)) {
      if (message && of === messageId) message = evolve(message, change);
    }
  }
  return message;
};

/** The newest of what a request may name. */
const settings: readonly { readonly type: string; readonly data: unknown }[] = [
  { type: 'TenantRegistered', data: { tenantId: tenant, name: 'Demo' } },
  { type: 'PartnerRegistered', data: { partnerId: 'shop', name: 'Shop' } },
  {
    type: 'TemplateVersioned',
    data: {
      templateId: 'points_expire',
      version: 1,
      content: {
        name: 'Points expire',
        defaultLocale: 'en',
        variables: [{ name: 'points', kind: 'number' }],
        bodies: { en: { sms: { text: 'Soon.' } } },
      },
    },
  },
  {
    type: 'StrategyVersioned',
    data: {
      strategyId: 'push_then_sms',
      version: 1,
      content: {
        name: 'Push, then SMS',
        steps: [
          { channel: 'push', until: 'delivered', waitSeconds: 60 },
          { channel: 'sms', until: 'delivered', waitSeconds: 600 },
        ],
      },
    },
  },
  {
    type: 'ProviderRegistered',
    data: { providerId: 'mail', kind: 'sandbox', channel: 'email', settings: {}, concurrency: 1 },
  },
];

export class Desk {
  clock = Date.parse('2026-03-02T09:00:00Z');
  readonly log: MemoryLog = createMemoryLog(() => this.clock);
  readonly keys: PersonalKeys = createMemoryPersonalKeys();
  readonly directory: Directory = createDirectory();
  readonly acceptAll: AcceptMessages;
  /** Told before the log is read. */
  readonly urgent: JustAccepted[] = [];
  readonly orders: MessageOrders;

  constructor() {
    settings.forEach((setting, i) => this.know(setting, i));
    const { log, directory, keys } = this;
    const onUrgent = (one: JustAccepted) => void this.urgent.push(one);
    this.acceptAll = createAcceptMessages({ log, directory, keys, onUrgent });
    const outcomes: Outcomes = {
      message: async (_tenant, messageId) => folded(log.facts, messageId),
    };
    this.orders = createMessageOrders({ log, outcomes });
  }

  /** A fact of long ago: at places before those of the log. */
  know(setting: { readonly type: string; readonly data: unknown }, place: number): void {
    const occurredAt = new Date(this.clock).toISOString();
    this.directory.apply({
      ...{ id: `${place}`, ...setting, stream: `x-${tenant}.${place}`, revision: 0 },
      metadata: { tenant, occurredAt, commandId: '' } as Fact['metadata'],
      ...{ position: BigInt(place) - 1_000n, recordedAt: this.clock },
    });
  }

  context(more: Partial<AcceptContext> = {}): AcceptContext {
    return {
      tenant,
      actor: { kind: 'partner', id: 'shop' },
      requester: { kind: 'partner', id: 'shop' },
      now: this.clock,
      correlationId: 'test',
      ...more,
    };
  }

  async accept(
    request: unknown,
    key = 'key-1',
    context: Partial<AcceptContext> = {},
  ): Promise<AcceptResult> {
    const item: AcceptItem = { request, key };
    const [result] = await this.acceptAll([item], this.context(context));
    return result as AcceptResult;
  }

  message(messageId: string): Message | null {
    return folded(this.log.facts, messageId as MessageId);
  }
}
