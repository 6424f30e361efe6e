/**
 * Outreach without its API, for tests of the queue: a real log on a real PostgreSQL, programmes with providers, requests, and processes that
 * send.
 */
import { randomUUID } from 'node:crypto';
import { createDirectory } from '../../../commands/directory.js';
import { createAcceptMessages } from '../../../commands/message/accept.js';
import type { Fact } from '../../../domain/fact.js';
import type { MessageId, ProviderId, StrategyId, TenantId } from '../../../domain/ids.js';
import { outreachRulesDefault, outreachRulesStream } from '../../../domain/consent/rules.js';
import { outboxStream } from '../../../domain/message/lanes.js';
import type { messageStatuses } from '../../../domain/message/message.js';
import { type Message } from '../../../domain/message/message.js';
import { providerStream } from '../../../domain/provider/events.js';
import { strategyStream } from '../../../domain/strategy/strategy.js';
import { tenantStream } from '../../../domain/tenant/tenant.js';
import {
  createOutreachSide,
  type OutreachParts,
  type OutreachSide,
} from '../../../platform/compose/outreach.js';
import { createPostgresPersonalKeys } from '../../../platform/postgres/personalKeys.js';
import type { OutreachMeasures } from '../../../workers/outreach/measures.js';
import {
  eventually,
  type LogSettings,
  type OwnLog,
  runBeside,
  silent,
  startOwnLog,
} from '../ownLog.js';

export interface Sending {
  readonly side: OutreachSide;
  readonly troubles: unknown[];
  /** Counted by name and labels. */
  readonly counted: Map<string, number>;
  stop(): Promise<void>;
}

const countingMeasures = (counted: Map<string, number>): OutreachMeasures => {
  const count = (name: string, by = 1): void =>
    void counted.set(name, (counted.get(name) ?? 0) + by);
  return {
    call: ({ messages }) => {
      count('calls');
      count('called', messages);
    },
    attempted: ({ outcome }, by) => count(`attempted ${outcome}`, by),
    ended: ({ status }, by) => count(`ended ${status}`, by),
    queued: () => undefined,
    delivered: () => undefined,
    failedOver: ({ from, to }) => count(`failover ${from} ${to}`),
    suppressed: (reason) => count(`suppressed ${reason}`),
    expired: () => count('expired'),
    cost: () => undefined,
    receipt: (_provider, status) => count(`receipt ${status}`),
    orphan: () => count('orphan'),
  };
};

/** Sends in this process. */
export const send = (
  settings: LogSettings,
  given: Partial<
    Pick<OutreachParts, 'now' | 'tuning' | 'openProvider' | 'lanes' | 'tellUrgent' | 'processId'>
  > = {},
): Sending => {
  const troubles: unknown[] = [];
  const trouble = (error: unknown): void => void troubles.push(error);
  const counted = new Map<string, number>();
  const { worker: side, stop } = runBeside(settings, 'outreach', trouble, (stores) =>
    createOutreachSide({
      ...stores,
      ...{ urgentPool: stores.pool, privateNetworks: ['127.0.0.0/8'] },
      measures: countingMeasures(counted),
      logger: { ...silent, warn: (fields, message) => trouble({ message, ...fields }) },
      ...{ processId: randomUUID(), owner: randomUUID(), now: Date.now },
      ...given,
    }),
  );
  return { side, troubles, counted, stop };
};

export interface House extends OwnLog {
  /** A programme that asks nobody before it writes, so many lanes. */
  programme(tenant: string, rules?: object): Promise<TenantId>;
  provider(tenant: TenantId, id: string, terms?: object): Promise<ProviderId>;
  /** @returns ids, in order. */
  request(tenant: TenantId, requests: readonly object[]): Promise<readonly MessageId[]>;
  /** With steps of its own, as a strategy would give it. */
  requestSteps(
    tenant: TenantId,
    request: { readonly recipient: object; readonly steps: readonly object[] },
  ): Promise<readonly MessageId[]>;
  cancel(tenant: TenantId, id: MessageId | undefined, lane?: number): Promise<void>;
  messages(tenant: TenantId): Promise<Message[]>;
  /** All that is recorded in the journals of a programme. */
  journal(tenant: TenantId, lanes?: number): Promise<Fact[]>;
}

export const startHouse = async (): Promise<House> => {
  const own = await startOwnLog();
  const { log, feed, pool, append } = own;
  const keys = createPostgresPersonalKeys(pool);

  const directory = createDirectory();
  const following = new AbortController();
  const follow = async (): Promise<void> => {
    const filter = { eventTypes: ['TenantRegistered', 'OutreachRulesSet', 'StrategyVersioned'] };
    for await (const item of feed.subscribe({ from: null, filter, signal: following.signal })) {
      if (item.kind === 'fact') directory.apply(item.fact);
    }
  };
  const followed = follow();
  const accept = createAcceptMessages({ log, directory, keys });
  let requests = 0;

  const request: House['request'] = async (tenant, asked) => {
    const accepted = await accept(
      asked.map((one) => ({
        request: JSON.parse(
          JSON.stringify({
            ...{ class: 'service', channel: 'sms', until: 'accepted' },
            text: { text: 'Good day' },
            recipient: { phone: `+3712${String(1_000_000 + (requests % 1_000_000))}` },
            ...one,
          }),
        ) as unknown,
        key: `request ${(requests += 1)}`,
      })),
      {
        ...{ tenant, actor: { kind: 'operator', id: 'ann' }, now: Date.now() },
        ...{ requester: { kind: 'operator', id: 'ann' }, correlationId: randomUUID() },
      },
    );
    return accepted.map((one) => {
      if (one.kind === 'accepted') return one.messageId;
      throw one.error;
    });
  };

  return {
    ...own,
    programme: async (name, rules = {}) => {
      const tenant = name as TenantId;
      await append(tenant, tenantStream(tenant), 'TenantRegistered', {
        ...{ tenantId: tenant, name, currency: 'EUR', gsrnPrefix: '8018000010' },
      });
      await append(tenant, outreachRulesStream(tenant), 'OutreachRulesSet', {
        version: 1,
        rules: {
          ...outreachRulesDefault,
          ...{ askFirst: { service: false, marketing: false }, ...rules },
        },
      });
      await eventually(
        'the programme is known',
        () => directory.outreach.rules(tenant).version > 0,
      );
      return tenant;
    },
    provider: async (tenant, id, terms = {}) => {
      const providerId = id as ProviderId;
      await append(tenant, providerStream(tenant, providerId), 'ProviderRegistered', {
        ...{ providerId, kind: 'sandbox', channel: 'sms', settings: {}, concurrency: 4 },
        ...terms,
      });
      return providerId;
    },
    request,
    requestSteps: async (tenant, { recipient, steps }) => {
      const strategyId = 'cascade' as StrategyId;
      const content = { name: 'Cascade', steps };
      await append(tenant, strategyStream(tenant, strategyId), 'StrategyVersioned', {
        ...{ strategyId, version: 1, content },
      });
      await eventually('the strategy is known', () =>
        Boolean(directory.outreach.strategy(tenant, strategyId)),
      );
      return request(tenant, [
        { recipient, channel: undefined, until: undefined, strategy: { strategyId } },
      ]);
    },
    cancel: (tenant, messageId, lane = 0) =>
      append(tenant, outboxStream(tenant, lane), 'MessagesCancelled', {
        items: [{ messageId, reason: 'not needed any more' }],
      }),
    messages: async (tenant) => {
      const { rows } = await pool.query<{ state: string }>(
        'select state from read.outbox_messages where tenant = $1',
        [tenant],
      );
      return rows.map(({ state }) => JSON.parse(state) as Message);
    },
    journal: async (tenant, lanes = 1) => {
      const found: Fact[] = [];
      for (let lane = 0; lane < lanes; lane += 1) {
        for (let from = 0; ; from += 500) {
          const page = await log.read(outboxStream(tenant, lane), from, 500);
          found.push(...page);
          if (page.length < 500) break;
        }
      }
      return found;
    },
    stop: async () => {
      following.abort();
      await followed;
      await own.stop();
    },
  };
};

/** How many messages of a programme are in each status. */
export const statusesOf = async (
  { pool }: Pick<House, 'pool'>,
  tenant: TenantId,
): Promise<Partial<Record<(typeof messageStatuses)[number], number>>> => {
  const { rows } = await pool
    .query<{ status: string; count: string }>(
      'select status, count(*) as count from read.outbox_messages where tenant = $1 group by 1',
      [tenant],
    )
    .catch(() => ({ rows: [] }));
  return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
};
