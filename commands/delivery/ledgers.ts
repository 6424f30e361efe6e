/**
 * The ledger of a subscription: the snapshot where there is one, and what its deliveries stream tells beyond. Losing the snapshots costs
 * time, never truth.
 */
import {
  DeliveriesCarriedOver,
  deliveriesStream,
  type DeliveryEvent,
} from '../../domain/delivery/events.js';
import { applyDelivery } from '../../domain/delivery/applyDelivery.js';
import {
  type Ledger,
  ledgerOfJson,
  mark,
  newLedger,
  jsonOfLedger,
} from '../../domain/delivery/ledger.js';
import type { Fact } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import { commandIdOf } from '../commandId.js';
import { ownFacts } from '../ownFacts.js';
import { type Log, VersionConflict } from '../log.js';
import type { SubscriptionRecord } from '../subscriptions.js';

/** Of a ledger as it was at a revision of its stream. */
export interface LedgerSnapshot {
  readonly revision: number;
  readonly ledger: unknown;
}

export interface LedgerSnapshots {
  /** @param key as `ledgerKey` makes it. */
  load(key: string): Promise<LedgerSnapshot | null>;
}

/** One for a subscription: the name of its deliveries stream. */
export const ledgerKey = ({
  tenant,
  subscriptionId,
}: Pick<SubscriptionRecord, 'tenant' | 'subscriptionId'>): string =>
  deliveriesStream(tenant, subscriptionId);

const pageMax = 200;

export const applyFact = (ledger: Ledger, fact: Fact): void => {
  const event = { type: fact.type, data: fact.data } as DeliveryEvent;
  const at = Date.parse(fact.metadata.occurredAt);
  applyDelivery(ledger, event, at);
  ledger.revision = fact.revision;
  if (event.type === 'DeliveriesCarriedOver') carried(ledger, at);
  else if (fact.revision === 0) mark(ledger, 0, at);
};

/** What came before may be let go: also from what is left of the stream it is the same ledger. */
const carried = (ledger: Ledger, at: number): void => {
  ledger.carriedAt = ledger.revision;
  mark(ledger, ledger.revision, at);
};

const carriedEvery = 500;
const carriedBytesMax = 400_000;

/**
 * Says the whole ledger in an event where the last that did is long ago, so that what came before it may be let go. Appended at the revision
 * that the ledger stands for, or not at all: it must hold nothing that is not in the log yet.
 * @param everyMs since the last mark; where nothing came since the last time it is not said again.
 */
export const carryOver = async (
  log: Pick<Log, 'append'>,
  stream: string,
  tenant: TenantId,
  ledger: Ledger,
  owner: string,
  now: number,
  everyMs = Infinity,
): Promise<void> => {
  const { revision, carriedAt, marks } = ledger;
  const isOld = revision > carriedAt && now - (marks.at(-1)?.at ?? 0) >= everyMs;
  if (revision - carriedAt < carriedEvery && !isOld) return;
  // As it is at this moment: it goes on changing while it is on its way.
  const text = JSON.stringify(jsonOfLedger(ledger));
  if (text.length > carriedBytesMax) return;
  const data = { ledger: JSON.parse(text) as unknown };
  const commandId = commandIdOf('CarryOverDeliveries', stream, String(revision));
  const actor = { kind: 'worker', id: owner } as const;
  const events = [{ type: DeliveriesCarriedOver.type, data }];
  const facts = ownFacts(events, { tenant, actor, commandId, now });
  try {
    ledger.revision = (await log.append(stream, revision, facts)).revision;
    carried(ledger, now);
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
  }
};

/** Up to the end of its stream. @throws what the log throws. */
export const readLedger = async (
  log: Pick<Log, 'read'>,
  record: Pick<SubscriptionRecord, 'tenant' | 'subscriptionId' | 'from'>,
  snapshot: LedgerSnapshot | null,
): Promise<Ledger> => {
  const ledger = snapshot ? ledgerOfJson(snapshot.ledger) : newLedger(record.from.after ?? -1);
  if (snapshot) ledger.revision = snapshot.revision;
  const stream = ledgerKey(record);
  for (;;) {
    const facts = await log.read(stream, ledger.revision + 1, pageMax);
    for (const fact of facts) applyFact(ledger, fact);
    if (facts.length < pageMax) return ledger;
  }
};
