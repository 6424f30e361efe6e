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
import type { Entry } from './entries.js';
import type { Shown } from './rendering.js';
import type { TopicWindow } from './topicWindows.js';

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
  /** What may still be shown of them at this moment, after whatever else took its time. @throws what the log throws. */
  shownOf(record: SubscriptionRecord, places: readonly number[], at: number): Promise<Remains>;
}

/** Of what is to be sent: every place is in one of the two. */
export interface Remains {
  readonly shown: readonly Shown[];
  readonly passed: readonly { readonly place: number; readonly reason: 'hidden' | 'expired' }[];
}

export const createJudging = (
  directory: Pick<Directory, 'exchange'>,
  window: TopicWindow,
): Judging => {
  const accessOf = createAccessOf(directory);

  const judge: Judging['judge'] = (record, entry, at) => {
    const access = accessOf(record);
    if (!isVisible(access, entry)) return 'hidden';
    if (entry.expiresAt !== null && entry.expiresAt <= at) return 'expired';
    if (record.filter && !wants(record.filter, attributesOf(entry.attributes))) return 'filtered';
    return null;
  };

  /** Null: the log does not keep it any more. */
  const entryOf = async (place: number): Promise<Entry | null> => {
    let found = window.at(place);
    while (found instanceof Promise) {
      await found;
      found = window.at(place);
    }
    return typeof found === 'object' ? found : null;
  };

  /** One that may be shown, or why not. */
  const remainsOf = async (
    record: SubscriptionRecord,
    entry: Entry | null,
    at: number,
  ): Promise<Shown | 'hidden' | 'expired'> => {
    if (!entry) return 'expired';
    if (!isVisible(accessOf(record), entry)) return 'hidden';
    if (entry.expiresAt !== null && entry.expiresAt <= at) return 'expired';
    if (entry.structured) return entry;
    const publication = await window.reveal(entry, at);
    if (!publication) return 'expired';
    const { place, eventId, recordedAt, traceparent } = entry;
    return { place, eventId, recordedAt, traceparent, publication, structured: null };
  };

  const shownOf: Judging['shownOf'] = async (record, places, at) => {
    const shown: Shown[] = [];
    const passed: { place: number; reason: 'hidden' | 'expired' }[] = [];
    const entries: (Entry | null)[] = [];
    for (const place of places) entries.push(await entryOf(place));
    for (const [index, place] of places.entries()) {
      const found = await remainsOf(record, entries[index] ?? null, at);
      if (typeof found === 'string') passed.push({ place, reason: found });
      else shown.push(found);
    }
    return { shown, passed };
  };

  const atHand = (
    record: SubscriptionRecord,
    { places, cause }: Sending,
    at: number,
  ): Entry | null => {
    if (cause !== 'first' || places.length > 1) return null;
    const found = window.at(places[0] as number);
    if (typeof found !== 'object' || found instanceof Promise || !found.structured) return null;
    if (!isVisible(accessOf(record), found)) return null;
    return found.expiresAt === null || found.expiresAt > at ? found : null;
  };

  return { accessOf, judge, atHand, shownOf };
};
