/**
 * The ledger of a subscription: the snapshot where there is one, and what its deliveries stream tells beyond. Losing the snapshots costs
 * time, never truth.
 */
import type { DeliveryEvent } from '../../domain/delivery/events.js';
import { deliveriesStream } from '../../domain/delivery/events.js';
import {
  applyDelivery,
  type Ledger,
  ledgerOfJson,
  newLedger,
} from '../../domain/delivery/ledger.js';
import type { Fact } from '../../domain/fact.js';
import type { Log } from '../log.js';
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
  applyDelivery(ledger, event, Date.parse(fact.metadata.occurredAt));
  ledger.revision = fact.revision;
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
