/**
 * Whether a publication is for a subscription, when it comes to it in the topic and once more before it is sent: access, filter, time to
 * live, and what of it may still be shown.
 */
import { createAccessOf, type DeliveryAccess, isVisible } from '../../commands/delivery/access.js';
import type { Directory } from '../../commands/directory.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { Sending } from '../../domain/delivery/queue.js';
import { attributesOf } from '../../domain/publication/attributes.js';
import { wants } from '../../domain/subscription/filter.js';
import type { Shown } from './rendering.js';
import type { Entry, TopicWindow } from './topicWindows.js';

export interface Judging {
  accessOf(record: SubscriptionRecord): DeliveryAccess;
  /** Why it is passed over; null: it is wanted. */
  judge(
    record: SubscriptionRecord,
    entry: Entry,
    at: number,
  ): 'hidden' | 'expired' | 'filtered' | null;
  /** A first attempt whose publication is in memory with nothing sealed, as nearly all are: there is nothing to wait for. */
  atHand(record: SubscriptionRecord, sending: Sending, at: number): Entry | null;
  /** @throws what the log throws. */
  entriesOf(places: readonly number[]): Promise<readonly Entry[]>;
  /** What may still be shown of them at this moment, after whatever else took its time. */
  shownOf(
    record: SubscriptionRecord,
    entries: readonly Entry[],
    at: number,
  ): Promise<readonly Shown[] | 'hidden' | 'expired'>;
}

export const createJudging = (
  directory: Pick<Directory, 'exchange'>,
  window: TopicWindow,
): Judging => {
  const accessOf = createAccessOf(directory);

  const judge: Judging['judge'] = (record, entry, at) => {
    const access = accessOf(record);
    if (!isVisible(access, entry.fact)) return 'hidden';
    if (entry.expiresAt !== null && entry.expiresAt <= at) return 'expired';
    if (record.filter && !wants(record.filter, attributesOf(entry.publication))) return 'filtered';
    return null;
  };

  const entriesOf = async (places: readonly number[]): Promise<readonly Entry[]> => {
    const entries: Entry[] = [];
    for (const place of places) {
      let found = window.at(place);
      while (found instanceof Promise) {
        await found;
        found = window.at(place);
      }
      if (typeof found === 'object') entries.push(found);
    }
    return entries;
  };

  const shownOf = async (
    record: SubscriptionRecord,
    entries: readonly Entry[],
    at: number,
  ): Promise<readonly Shown[] | 'hidden' | 'expired'> => {
    const access = accessOf(record);
    const visible = entries.filter(({ fact }) => isVisible(access, fact));
    if (visible.length === 0 && entries.length > 0) return 'hidden';
    const shown: Shown[] = [];
    for (const entry of visible) {
      if (entry.expiresAt !== null && entry.expiresAt <= at) continue;
      if (entry.structured) shown.push(entry);
      else {
        const publication = await window.reveal(entry, at);
        if (publication) shown.push({ place: entry.place, publication, structured: null });
      }
    }
    return shown.length > 0 ? shown : 'expired';
  };

  const atHand = (
    record: SubscriptionRecord,
    { places, cause }: Sending,
    at: number,
  ): Entry | null => {
    if (cause !== 'first' || places.length > 1) return null;
    const found = window.at(places[0] as number);
    if (typeof found !== 'object' || found instanceof Promise || !found.structured) return null;
    if (!isVisible(accessOf(record), found.fact)) return null;
    return found.expiresAt === null || found.expiresAt > at ? found : null;
  };

  return { accessOf, judge, atHand, entriesOf, shownOf };
};
