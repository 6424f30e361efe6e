/**
 * A dispatcher whose tables stand still, in front of providers in memory: what is in the queue is given at the beginning, what comes of it is
 * read from the log.
 */
import { createCarriers } from '../../../../commands/carriers.js';
import { sealText } from '../../../../commands/personalData.js';
import { createRenderer } from '../../../../commands/template/render.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import type { Fact } from '../../../../domain/fact.js';
import type { ProviderId } from '../../../../domain/ids.js';
import { type Accepted, accepted, type Message } from '../../../../domain/message/message.js';
import { providerStream } from '../../../../domain/provider/events.js';
import { routingStream } from '../../../../domain/routing/rules.js';
import { createMemoryLog, type MemoryLog } from '../../../../platform/memory/log.js';
import type { DueCursor, QueuedRow, WindowAsked } from '../../../../projections/outbox/queries.js';
import { requestOf, type StoredRequest } from '../../../../projections/outbox/request.js';
import { createCarrierPool } from '../../../../workers/outreach/carriers.js';
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
} from '../../../../workers/outreach/dispatcher.js';
import type { Outgoing, SendResult } from '../../../../workers/outreach/providers/port.js';
import { demo, idOf, requested } from './known.js';

export interface Sender {
  readonly providerId: string;
  readonly channel?: string;
  readonly concurrency?: number;
  readonly pace?: object;
  readonly batchMax?: number;
  readonly send?: (messages: readonly Outgoing[]) => Promise<readonly SendResult[]>;
}

export interface Queued {
  readonly accepted: Partial<Accepted>;
  readonly phone?: string;
  /** What became of it before it was read from the tables. */
  readonly message?: (message: Message) => Message;
  /** In the tables under what is due, not under what is ready. */
  readonly due?: { readonly at: number; readonly for: string };
}

export interface Sending {
  readonly dispatcher: Dispatcher;
  readonly log: MemoryLog;
  /** Numbers of messages, in the order in which they were handed over, by provider. */
  readonly sent: ReadonlyMap<string, readonly number[]>;
  readonly troubles: readonly unknown[];
  /** What the tables were asked for, and how many rows they gave. */
  /** How often the tables were asked how far they are. */
  readonly reachAsked: () => number;
  readonly asked: readonly { readonly windows: readonly WindowAsked[]; readonly rows: number }[];
  stop(): Promise<void>;
}

const key = Buffer.alloc(32, 7);
const taken: SendResult = { outcome: 'submitted' };

/** Numbers are in the order of the queue, from 1. */
export const sendingOf = (given: {
  readonly senders: readonly Sender[];
  readonly queue: readonly Queued[];
  readonly rules?: readonly object[];
  readonly now?: () => number;
  /** What is known of recipients is asked for, for a chunk. */
  readonly onLearn?: () => void;
}): Sending => {
  const now = given.now ?? Date.now;
  const log = createMemoryLog(now);
  const troubles: unknown[] = [];
  let reachAsked = 0;
  const asked: { windows: readonly WindowAsked[]; rows: number }[] = [];
  const sent = new Map<string, number[]>(given.senders.map((one) => [one.providerId, []]));
  const carriers = createCarriers();
  const apply = (type: string, stream: string, data: object): void =>
    carriers.apply({
      ...{ type, data, revision: 0, stream },
      metadata: { tenant: demo, occurredAt: new Date(now()).toISOString() },
    } as Fact);
  for (const { providerId: id, channel = 'sms', concurrency = 2, pace } of given.senders) {
    const providerId = id as ProviderId;
    apply('ProviderRegistered', providerStream(demo, providerId), {
      ...{ providerId, name: id, kind: 'sandbox', channel, settings: {}, concurrency },
      ...(pace ? { pace } : {}),
    });
  }
  if (given.rules) {
    apply('RoutingSet', routingStream(demo), { version: 1, rules: given.rules });
  }

  const rowOf = (
    { accepted: changes, phone = '+37120000000', message, due }: Queued,
    index: number,
  ) => {
    const sealed = sealText(
      ...([key, demo, 'addr_ada' as never] as const),
      JSON.stringify({
        addresses: {
          phone: { kind: 'phone', phone },
          email: { kind: 'email', email: 'ada@example.com' },
        },
        text: { text: 'Good day', subject: 'News' },
      }),
    );
    const data = requested({
      ...{ messageId: idOf(index + 1), sealed, class: 'transactional' },
      expiresAt: new Date(now() + 3_600_000).toISOString(),
      ...changes,
    });
    const fresh = accepted(data, now());
    return {
      ...{ data, due, position: String(index + 1), since: now() },
      message: message ? message(fresh) : fresh,
      request: JSON.parse(JSON.stringify(requestOf(data))) as StoredRequest,
    };
  };
  const all = given.queue.map(rowOf);
  type Row = (typeof all)[number];
  const inWindow = (window: WindowAsked, { data, message }: Row): boolean =>
    data.class === window.class && message.steps[message.step]?.channel === window.channel;
  const told = (row: Row, window: number, kind: QueuedRow['kind']): QueuedRow => ({
    ...{ window, kind, messageId: row.data.messageId, message: row.message, request: row.request },
    ...{ revision: -1, reach: { revision: -1, position: 1_000_000n } },
    ...{ position: row.position, since: row.due?.at ?? row.since },
  });
  const rowsOf = (window: WindowAsked, index: number, at: number): QueuedRow[] => {
    const rows = all.filter((row) => inWindow(window, row));
    const after = Number(window.after?.position ?? -1);
    const ready = rows.filter((row) => !row.due && Number(row.position) > after);
    return [
      ...ready.slice(0, window.ready).map((row) => told(row, index, 'ready')),
      ...dueOf(rows, window, at).map(([row, kind]) => told(row, index, kind)),
    ];
  };
  const dueOf = (rows: readonly Row[], window: WindowAsked, at: number) => {
    const isToSend = ({ due }: Row): boolean => due?.for === 'retry';
    const isBehind = ({ due, data }: Row, after: DueCursor | null): boolean =>
      due !== undefined &&
      (after === null ||
        due.at > after.at ||
        (due.at === after.at && data.messageId > after.messageId));
    const past = rows.filter(({ due }) => due && due.at <= at);
    const send = past.filter((row) => isToSend(row) && isBehind(row, window.sendAfter));
    const work = past.filter((row) => !isToSend(row) && isBehind(row, window.workAfter));
    return [
      ...send.slice(0, window.send).map((row) => [row, 'send'] as const),
      ...work.slice(0, window.work).map((row) => [row, 'work'] as const),
    ];
  };

  const tables: DispatcherOptions['tables'] = {
    lanes: () => Promise.resolve([{ tenant: demo, lane: 0 }]),
    laneReach: () => {
      reachAsked += 1;
      return Promise.resolve({ revision: -1, position: 1_000_000n });
    },
    queued: (windows, at) => {
      const rows = windows.flatMap((window, index) => rowsOf(window, index, at));
      asked.push({ windows, rows: rows.length });
      return Promise.resolve(rows);
    },
    nextDue: (windows, after) =>
      Promise.resolve(
        windows.map((window) => {
          const rows = all.filter((row) => inWindow(window as WindowAsked, row));
          const times = rows.flatMap(({ due }) => (due && due.at > after ? due.at : []));
          return times.length === 0 ? null : Math.min(...times);
        }),
      ),
    consents: () => Promise.resolve(new Map()),
    suppressions: () => Promise.resolve(new Map()),
    sentTo: () => Promise.resolve(new Map()),
    position: () => Promise.resolve(1n),
  };
  const persons: DispatcherOptions['persons'] = {
    keys: (_tenant, subjects) => {
      given.onLearn?.();
      return Promise.resolve(new Map(subjects.map((one) => [one, key])));
    },
    indexKey: () => Promise.resolve(key),
    accounts: () => Promise.resolve(new Map()),
    accountsPosition: () => Promise.resolve(1_000_000n),
  };
  const nothing = (): void => undefined;
  const held = [{ tenant: demo as string, lane: 0 }];
  const dispatcher = createDispatcher({
    ...{ log, tables, persons, urgentTables: tables, urgentPersons: persons, now, owner: 'me' },
    onTrouble: (error) => troubles.push(error),
    outreach: {
      rules: () => ({
        rules: {
          ...{ ...outreachRulesDefault, quietHours: null, caps: [] },
          askFirst: { service: false, marketing: false },
        },
        version: 1,
      }),
      template: () => undefined,
    } as never,
    renderer: createRenderer(),
    leases: {
      claim: (_owner, lanes) => Promise.resolve(lanes),
      renew: (() => {
        let times = 0;
        return () => Promise.resolve({ held: (times += 1) > 1 ? held : [], owners: 1 });
      })(),
      release: () => Promise.resolve(),
      leave: () => Promise.resolve(),
    },
    measures: {
      ...{ call: nothing, attempted: nothing, ended: nothing, queued: nothing, cost: nothing },
      ...{ delivered: nothing, failedOver: nothing, suppressed: nothing, expired: nothing },
      ...{ receipt: nothing, orphan: nothing },
    },
    suppress: nothing,
    openCarriers: ({ share, onRoom }) =>
      createCarrierPool({
        ...{ carriers, share, onRoom, now, recordHealth: nothing, onTrouble: nothing },
        open: ({ providerId }) => {
          const sender = given.senders.find((one) => one.providerId === providerId);
          return Promise.resolve({
            batchMax: sender?.batchMax ?? 100,
            provider: {
              send: (messages: readonly Outgoing[]) => {
                sent.get(providerId)?.push(...messages.map((one) => parseInt(one.messageId, 16)));
                return sender?.send?.(messages) ?? Promise.resolve(messages.map(() => taken));
              },
              reconcile: () => Promise.resolve({ outcome: 'unknown' as const }),
              close: () => Promise.resolve(),
            },
          } as never);
        },
      }),
  } as DispatcherOptions);
  const stopping = new AbortController();
  const running = dispatcher.run(stopping.signal);
  return {
    ...{ dispatcher, log, sent, troubles, asked },
    reachAsked: () => reachAsked,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

/** Nothing comes of a call for as long as the test runs. */
export const hanging = () => {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  const send: NonNullable<Sender['send']> = async (messages) => {
    await until;
    return messages.map(() => taken);
  };
  return { send, release: () => release() };
};

/** Looks until it holds. */
export const soon = async (what: string, holds: () => boolean, withinMs = 1_500): Promise<void> => {
  const until = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
