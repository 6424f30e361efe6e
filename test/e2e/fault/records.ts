/** What a running Kopilka has recorded of a customer: in the log, in the read models, in sums of our own. */
import type { Session } from '../../../cli/http/session.js';

interface Event {
  readonly type: string;
  readonly revision: number;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Balance {
  readonly active: number;
  readonly pending: number;
  readonly deficit: number;
  readonly purchases: number;
}

const pagesMax = 1_000;

/** The whole stream of the customer's account, oldest first. */
export const streamOf = async (session: Session, userId: string): Promise<Event[]> => {
  const events: Event[] = [];
  const path = `/audit/v1/streams/account-${session.tenant}.${userId}`;
  for (let page = 0, from: number | null = 0; from !== null && page < pagesMax; page += 1) {
    const read: { events: Event[]; next: number | null } = await session.get(path, {
      from,
      limit: 1_000,
    });
    events.push(...read.events);
    from = read.next;
  }
  return events;
};

/** Purchase ids of the read model, as often as they are listed. */
export const listedPurchases = async (session: Session, userId: string): Promise<string[]> => {
  const found: string[] = [];
  const path = `/pos/v1/users/${userId}/purchases`;
  for (let page = 0, after: string | null = ''; after !== null && page < pagesMax; page += 1) {
    const read: Page<{ purchaseId: string }> = await session.get(path, {
      limit: 100,
      after: after || undefined,
    });
    found.push(...read.items.map(({ purchaseId }) => purchaseId));
    after = read.next;
  }
  return found;
};

export const balanceOf = (session: Session, userId: string): Promise<Balance> =>
  session.get(`/pos/v1/users/${userId}/balance`);

const pointsOf = ({ data }: Event): number => Number(data['points']);

/** Points after each event of the account, added up here and nowhere else. */
export const runningPoints = (events: readonly Event[]): number[] => {
  let points = 0;
  return events.map((event) => {
    if (event.type === 'PointsEarned') points += pointsOf(event) - Number(event.data['repaid']);
    if (event.type === 'PointsRedeemed') points -= pointsOf(event);
    return points;
  });
};

export const confirmations = (events: readonly Event[]): Map<string, Event[]> => {
  const byPurchase = new Map<string, Event[]>();
  for (const event of events) {
    if (event.type !== 'PurchaseConfirmed') continue;
    const purchaseId = String(event.data['purchaseId']);
    byPurchase.set(purchaseId, [...(byPurchase.get(purchaseId) ?? []), event]);
  }
  return byPurchase;
};
