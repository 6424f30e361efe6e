/** A dispatcher over a log in memory, with endpoints that answer as they are told and a clock that is set. */
import { randomUUID } from 'node:crypto';
import { createDirectory } from '../../../commands/directory.js';
import { readLedger } from '../../../commands/delivery/ledgers.js';
import { createReveal } from '../../../commands/publication/reveal.js';
import { createSubscriptionSecrets } from '../../../commands/subscription/secrets.js';
import { LogUnavailable } from '../../../commands/log.js';
import { inFull } from '../../../domain/delivery/attempts.js';
import type { Attempt } from '../../../domain/delivery/events.js';
import type { PartnerId, SubscriptionId, TenantId, TopicId } from '../../../domain/ids.js';
import type { SubscriptionTerms } from '../../../domain/subscription/events.js';
import { createMemoryLog, type MemoryLog } from '../../../platform/memory/log.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import type { DialOutcome, DialRequest } from '../../../workers/webhook/dial.js';
import { createDispatcher, type Dispatcher } from '../../../workers/webhook/dispatcher.js';
import type { Leases } from '../../../workers/webhook/leases.js';
import { createTopicWindows } from '../../../workers/webhook/topicWindows.js';

const tenant = 'demo' as TenantId;
const topicId = 'cars_chosen' as TopicId;
export const hour = 3_600_000;

const leases: Leases = {
  load: async () => null,
  claim: async (_owner, keys) => keys.map((key) => ({ key, fence: 1, snapshot: null })),
  renew: async (_owner, keys) => ({ held: new Set(keys), owners: 1 }),
  release: async () => undefined,
  leave: async () => undefined,
  save: async () => undefined,
};

export const keyed = { id: 'choice', source: '/s', type: 't', key: 'anna', data: {} };

type Dial = (request: DialRequest) => Promise<DialOutcome>;
export const answered = (status: number, headers: Record<string, string> = {}): DialOutcome => ({
  kind: 'answered',
  ...{ status, headers, body: Buffer.alloc(0), truncated: false, milliseconds: 3 },
});

export const soon = async (
  holds: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> => {
  const giveUpAt = performance.now() + 12_000;
  while (performance.now() < giveUpAt) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`not in time: ${what}`);
};

/** A dispatcher that holds every lease, and what it reads, sends and records. */
export class World {
  clock = Date.parse('2026-03-01T12:00:00Z');
  readonly log: MemoryLog = createMemoryLog(() => this.clock);
  readonly sent: DialRequest[] = [];
  readonly disabled: string[] = [];
  readonly failures: unknown[] = [];
  /** What endpoints answer, by the host of their URL. */
  readonly endpoints = new Map<string, Dial>();
  readonly cuts: string[] = [];
  refusesAppends = false;
  /** How long recording takes, and how often it is under way. */
  appendMs = 0;
  appending = 0;
  appendingMost = 0;
  private readonly directory = createDirectory();
  private readonly stopping = new AbortController();
  private readonly windows = createTopicWindows({
    log: this.log,
    reveal: createReveal(createMemoryPersonalKeys()),
  });
  private readonly dispatcher: Dispatcher = createDispatcher({
    log: {
      read: this.log.read,
      append: (stream, expected, facts) =>
        stream.startsWith('deliveries-')
          ? this.appendDelivery(() => this.log.append(stream, expected, facts))
          : this.log.append(stream, expected, facts),
    },
    ...{ directory: this.directory, leases, windows: this.windows, owner: 'me' },
    openDialler: () => ({
      call: (request) => {
        this.sent.push(request);
        const dial = this.endpoints.get(new URL(request.url).hostname);
        return dial ? dial(request) : Promise.resolve(answered(204));
      },
      close: async () => undefined,
    }),
    secrets: createSubscriptionSecrets(createMemoryPersonalKeys()),
    measures: { attempted: () => undefined, latency: () => undefined },
    now: () => this.clock,
    chance: () => 0,
    disable: async (record, cause, since) => {
      this.disabled.push(`${record.subscriptionId} ${cause} ${new Date(since).toISOString()}`);
      await this.tell(`subscription-demo.${record.subscriptionId}`, 'SubscriptionDisabled', {
        ...{ reason: cause, since: new Date(since).toISOString(), explanation: 'x' },
      });
    },
    onFailed: (error) => this.failures.push(error),
    leaseMs: 400,
    drainMs: 200,
    retention: {
      keptMs: 90 * 24 * hour,
      cut: async (stream, before) => void this.cuts.push(`${stream} ${before}`),
    },
  });
  private readonly running: Promise<void>;

  constructor() {
    this.running = this.dispatcher.run(this.stopping.signal);
  }

  private async appendDelivery<Answer>(append: () => Promise<Answer>): Promise<Answer> {
    if (this.refusesAppends) throw new LogUnavailable('away');
    this.appending += 1;
    this.appendingMost = Math.max(this.appendingMost, this.appending);
    if (this.appendMs > 0) await new Promise((resolve) => setTimeout(resolve, this.appendMs));
    return append().finally(() => (this.appending -= 1));
  }

  async tell(stream: string, type: string, data: unknown): Promise<void> {
    const id = randomUUID();
    const occurredAt = new Date(this.clock).toISOString();
    const metadata = {
      ...{ tenant, actor: { kind: 'system' as const, id: 'test' }, occurredAt, schemaVersion: 1 },
      ...{ correlationId: id, causationId: id, commandId: id, fingerprint: '' },
    };
    await this.log.append(stream, 'any', [{ id, type, data, metadata }]);
    const fact = this.log.facts.at(-1);
    if (!fact) return;
    if (type === 'EventPublished') this.windows.take(fact);
    else this.directory.apply(fact);
    this.dispatcher.changed(stream.startsWith('deliveries-') ? stream : null);
  }

  async partner(id: string): Promise<void> {
    await this.tell(`partner-demo.${id}`, 'PartnerRegistered', { partnerId: id, name: id });
  }
  async begin(): Promise<void> {
    await this.partner('dealer');
    await this.tell('topic-demo.cars_chosen', 'TopicCreated', {
      ...{ topicId, owner: 'dealer', name: 'Cars', description: '', classification: 'open' },
    });
  }
  async subscribe(name: string, given: Partial<SubscriptionTerms> = {}) {
    const terms: SubscriptionTerms = {
      subscriptionId: `sub_${name}` as SubscriptionId,
      ...{ partnerId: 'dealer' as PartnerId, topicId, mode: 'structured', signing: ['v1'] },
      endpoint: { url: `https://${name}.example/hook` },
      ...{ order: { by: 'none' }, concurrency: 4, verification: 'none' },
      from: { kind: 'place', after: null },
      ...given,
    };
    await this.tell(`subscription-demo.${terms.subscriptionId}`, 'SubscriptionCreated', terms);
    return terms;
  }
  async publish(count: number, more: object = {}): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      const publication = { id: `choice-${number}`, source: '/s', type: 't', data: { number } };
      await this.tell('publications-demo.cars_chosen', 'EventPublished', {
        ...{ partnerId: 'dealer', publication, ...more },
      });
    }
  }
  /** The clock goes on, and everybody looks at it. */
  pass(ms: number): void {
    this.clock += ms;
    // Leases are prolonged by it, too.
    setTimeout(() => this.dispatcher.changed(null), 30);
  }
  sentTo(name: string): number {
    return this.sent.filter(({ url }) => url.includes(`//${name}.`)).length;
  }
  attempts({ subscriptionId }: SubscriptionTerms): Attempt[] {
    return this.log.facts
      .filter(({ stream }) => stream === `deliveries-demo.${subscriptionId}`)
      .flatMap(({ type, data }) =>
        type === 'DeliveriesAttempted' ? inFull((data as { attempts: Attempt[] }).attempts) : [],
      );
  }
  ranges({ subscriptionId }: SubscriptionTerms): { first: number; last: number }[] {
    return this.log.facts
      .filter(({ stream }) => stream === `deliveries-demo.${subscriptionId}`)
      .flatMap(({ type, data }) =>
        type === 'DeliveriesPassed'
          ? (data as { ranges: { first: number; last: number }[] }).ranges
          : [],
      );
  }
  ledger(terms: SubscriptionTerms) {
    return readLedger(this.log, { tenant, ...terms }, null);
  }
  async end(): Promise<void> {
    this.stopping.abort();
    for (const [name] of this.endpoints) this.endpoints.set(name, async () => answered(204));
    await this.running;
  }
}
