/**
 * A dispatcher whose tables stand still, in front of providers in memory: what is in the queue is given at the beginning, what comes of it is
 * read from the log.
 */
import { createCarriers } from '../../../../commands/carriers.js';
import { sealText } from '../../../../commands/personalData.js';
import { createRenderer } from '../../../../commands/template/render.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import type { Fact } from '../../../../domain/fact.js';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';
import { type Accepted, accepted, type Message } from '../../../../domain/message/message.js';
import { providerStream } from '../../../../domain/provider/events.js';
import { routingStream } from '../../../../domain/routing/rules.js';
import { createMemoryLog, type MemoryLog } from '../../../../platform/memory/log.js';
import type {
  DueCursor,
  LaneRow,
  QueuedRow,
  WindowAsked,
} from '../../../../projections/outbox/queries.js';
import { requestOf, type StoredRequest } from '../../../../projections/outbox/request.js';
import { createCarrierPool } from '../../../../workers/outreach/carriers.js';
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherOptions,
} from '../../../../workers/outreach/dispatcher.js';
import type { PaceGrants } from '../../../../workers/outreach/grants.js';
import { createPacing } from '../../../../workers/outreach/pace.js';
import type { Outgoing, SendResult } from '../../../../workers/outreach/providers/port.js';
import { demo, idOf, requested } from './known.js';
import { createMemoryPace } from './memoryPace.js';

export interface Sender {
  readonly providerId: string;
  /** demo unless told. */
  readonly tenant?: TenantId;
  readonly channel?: string;
  readonly concurrency?: number;
  readonly pace?: object;
  readonly batchMax?: number;
  readonly send?: (messages: readonly Outgoing[]) => Promise<readonly SendResult[]>;
}

export interface Queued {
  readonly accepted: Partial<Accepted>;
  /** demo unless told. */
  readonly tenant?: TenantId;
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
  /** It is accepted now, and told by the log before the tables know it. @returns its number. */
  hear(queued: Queued): number;
  /** The same once more. */
  hearAgain(queued: Queued, number: number): void;
  stop(): Promise<void>;
}

const key = Buffer.alloc(32, 7);
const taken: SendResult = { outcome: 'submitted' };

/** Numbers are in the order of the queue, from 1. */
export const sendingOf = (given: {
  readonly senders: readonly Sender[];
  readonly queue: readonly Queued[];
  /** So many more behind the queue, each made when it is read. */
  readonly backlog?: { readonly each: Queued; readonly count: number };
  readonly rules?: readonly object[];
  readonly now?: () => number;
  /** What is known of recipients is asked for, for a chunk. */
  readonly onLearn?: () => void;
  /** The dispatcher is there, and is told of news, but runs only then. */
  readonly runsAfter?: Promise<void>;
  /** Lanes that are sent here; all, unless given. */
  readonly isOurs?: (lane: number) => boolean;
  /** Before any tokens are told of that were claimed. */
  readonly beforeGrants?: () => Promise<void>;
  /** Before the log, the tables of persons or a provider do anything. */
  readonly away?: () => Promise<void>;
}): Sending => {
  const now = given.now ?? Date.now;
  const away = given.away ?? (() => Promise.resolve());
  const log = createMemoryLog(now);
  const troubles: unknown[] = [];
  let reachAsked = 0;
  const asked: { windows: readonly WindowAsked[]; rows: number }[] = [];
  const sent = new Map<string, number[]>(given.senders.map((one) => [one.providerId, []]));
  const carriers = createCarriers();
  const apply = (tenant: TenantId, type: string, stream: string, data: object): void =>
    carriers.apply({
      ...{ type, data, revision: 0, stream },
      metadata: { tenant, occurredAt: new Date(now()).toISOString() },
    } as Fact);
  for (const { providerId: id, channel = 'sms', concurrency = 2, ...one } of given.senders) {
    const { tenant = demo, pace } = one;
    const providerId = id as ProviderId;
    apply(tenant, 'ProviderRegistered', providerStream(tenant, providerId), {
      ...{ providerId, name: id, kind: 'sandbox', channel, settings: {}, concurrency },
      ...(pace ? { pace } : {}),
    });
  }
  if (given.rules) {
    apply(demo, 'RoutingSet', routingStream(demo), { version: 1, rules: given.rules });
  }

  const sealedTexts = new Map<string, string>();
  const sealedFor = (tenant: TenantId, phone: string): string => {
    const known = sealedTexts.get(`${tenant} ${phone}`);
    if (known !== undefined) return known;
    const sealed = sealText(
      ...([key, tenant, 'addr_ada' as never] as const),
      JSON.stringify({
        addresses: {
          phone: { kind: 'phone', phone },
          email: { kind: 'email', email: 'ada@example.com' },
        },
        text: { text: 'Good day', subject: 'News' },
      }),
    );
    sealedTexts.set(`${tenant} ${phone}`, sealed);
    return sealed;
  };
  const dataOf = (
    { accepted: changes, tenant = demo, phone = '+37120000000' }: Queued,
    number: number,
  ): Accepted =>
    requested({
      ...{ messageId: idOf(number), sealed: sealedFor(tenant, phone), class: 'transactional' },
      expiresAt: new Date(now() + 3_600_000).toISOString(),
      ...changes,
    });
  const rowOf = (queued: Queued, index: number) => {
    const { tenant = demo, message, due } = queued;
    const data = dataOf(queued, index + 1);
    const fresh = accepted(data, now());
    return {
      ...{ tenant, data, due, position: String(index + 1), since: now() },
      message: message ? message(fresh) : fresh,
    };
  };
  const all = given.queue.map(rowOf);
  type Row = (typeof all)[number];
  const isIn = (window: WindowAsked, { tenant, data, message }: Row): boolean =>
    tenant === window.tenant &&
    data.class === window.class &&
    message.steps[message.step]?.channel === window.channel;
  const rowsIn = (window: WindowAsked): readonly Row[] => all.filter((row) => isIn(window, row));
  const behind = (window: WindowAsked, after: number): Row[] => {
    const { each, count } = given.backlog ?? { each: undefined, count: 0 };
    if (!each || !isIn(window, rowOf(each, all.length))) return [];
    const from = Math.max(after, all.length);
    const most = Math.min(window.ready, all.length + count - from);
    return Array.from({ length: most }, (_, index) => rowOf(each, from + index));
  };
  const told = (row: Row, window: number, kind: QueuedRow['kind']): QueuedRow => ({
    ...{ window, kind, messageId: row.data.messageId, message: row.message },
    request: JSON.parse(JSON.stringify(requestOf(row.data))) as StoredRequest,
    ...{ revision: -1, reach: { revision: -1, position: 1_000_000n } },
    ...{ position: row.position, since: row.due?.at ?? row.since },
  });
  const rowsOf = (window: WindowAsked, index: number, at: number): QueuedRow[] => {
    const rows = rowsIn(window);
    const after = Number(window.after?.position ?? -1);
    const first = rows.filter((row) => !row.due && Number(row.position) > after);
    const ready = [...first, ...behind(window, after)];
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

  const tenants = new Set([demo, ...given.senders.flatMap(({ tenant }) => tenant ?? [])]);
  const lanes = [...tenants].map((tenant) => ({ tenant: tenant as string, lane: 0 }));
  const claimed: LaneRow[] = [];
  const tables: DispatcherOptions['tables'] = {
    lanes: () => Promise.resolve(lanes),
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
          const rows = rowsIn(window as WindowAsked);
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
    keys: async (_tenant, subjects) => {
      given.onLearn?.();
      await away();
      return new Map(subjects.map((one) => [one, key]));
    },
    indexKey: () => Promise.resolve(key),
    accounts: () => Promise.resolve(new Map()),
    accountsPosition: () => Promise.resolve(1_000_000n),
  };
  const nothing = (): void => undefined;
  const pace = createMemoryPace(now);
  const grants: PaceGrants = {
    claim: (asked) => (given.beforeGrants?.() ?? Promise.resolve()).then(() => pace.claim(asked)),
  };
  const dispatcher = createDispatcher({
    log: { ...log, append: (...fact) => away().then(() => log.append(...fact)) },
    ...{ tables, persons, urgentTables: tables, urgentPersons: persons, now, owner: 'me' },
    processors: 2,
    isOurs: given.isOurs ?? (() => true),
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
      claim: (_owner, lanes) => {
        claimed.push(...lanes);
        return Promise.resolve(lanes);
      },
      renew: () => Promise.resolve({ held: [...claimed], owners: 1 }),
      release: () => Promise.resolve(),
      leave: () => Promise.resolve(),
    },
    measures: {
      ...{ call: nothing, attempted: nothing, ended: nothing, queued: nothing, cost: nothing },
      ...{ delivered: nothing, failedOver: nothing, suppressed: nothing, expired: nothing },
      ...{ receipt: nothing, orphan: nothing },
    },
    suppress: nothing,
    openCarriers: ({ onRoom }) =>
      createCarrierPool({
        pacing: createPacing({ grants, onRoom, now, onTrouble: (error) => troubles.push(error) }),
        ...{ carriers, onRoom, now, recordHealth: nothing, onTrouble: nothing },
        open: ({ providerId }) => {
          const sender = given.senders.find((one) => one.providerId === providerId);
          return Promise.resolve({
            batchMax: sender?.batchMax ?? 100,
            provider: {
              send: async (messages: readonly Outgoing[]) => {
                sent.get(providerId)?.push(...messages.map((one) => parseInt(one.messageId, 16)));
                await away();
                return (await sender?.send?.(messages)) ?? messages.map(() => taken);
              },
              reconcile: () => Promise.resolve({ outcome: 'unknown' as const }),
              close: () => Promise.resolve(),
            },
          } as never);
        },
      }),
  } as DispatcherOptions);
  const stopping = new AbortController();
  const running = (given.runsAfter ?? Promise.resolve()).then(() =>
    dispatcher.run(stopping.signal),
  );
  let heard = given.queue.length + (given.backlog?.count ?? 0);
  const hearAgain = (queued: Queued, number: number): void =>
    dispatcher.heard({
      ...{ type: 'MessageAccepted', data: dataOf(queued, number) },
      metadata: { tenant: queued.tenant ?? demo },
      ...{ recordedAt: now(), position: BigInt(1_000_000 + number) },
    });
  const hear = (queued: Queued): number => {
    heard += 1;
    hearAgain(queued, heard);
    return heard;
  };
  return {
    ...{ dispatcher, log, sent, troubles, asked },
    reachAsked: () => reachAsked,
    hear,
    hearAgain,
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
export const soon = async (what: string, holds: () => boolean, withinMs = 6_000): Promise<void> => {
  const until = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
