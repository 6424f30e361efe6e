/**
 * Records what partners are handed by pull, stream and search, before it leaves: whoever answers waits for the record, and hands over
 * nothing where there is none (docs/decisions/0028). So the log lacks nothing of what anybody got, whatever dies when.
 *
 * It costs one append for all that readers of a topic ask within some milliseconds: what comes while an append is on its way goes
 * together into the next. What the same program was handed in the same way within the last minute is not recorded again, and its
 * answer waits for nothing.
 */
import type { NewFact } from '../../domain/fact.js';
import {
  type Handover,
  handoversStream,
  type HandoverWay,
  PublicationsHandedOver,
} from '../../domain/handover/events.js';
import * as spans from '../../domain/delivery/spans.js';
import type {
  CredentialId,
  PartnerId,
  PartnerUserId,
  TenantId,
  TopicId,
} from '../../domain/ids.js';
import { commandIdOf } from '../commandId.js';
import { ownFacts } from '../ownFacts.js';
import type { Log } from '../log.js';
import { createRecentHandovers } from './recentHandovers.js';

export interface HandedOver {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly partnerId: PartnerId;
  /** Of a program; null for a person. */
  readonly credentialId: CredentialId | null;
  /** Of a person; null for a program. */
  readonly userId: PartnerUserId | null;
  readonly way: HandoverWay;
  /** Of what is about to be shown, in any order. */
  readonly places: readonly number[];
}

/** Resolves when it is in the log; nothing may be shown before. @throws what the log throws: then nothing may be shown. */
export type HandOver = (handed: HandedOver) => Promise<void>;

/** Readers of a topic that ask one after the other share an append, too. */
const gapMs = 10;
/** Of an event: beyond that there are several in an append. */
const rangesMax = 4_000;
/** Events of an append. */
const eventsMax = 4;

type Ranges = Handover['ranges'];

interface Entry {
  readonly key: string;
  readonly of: Omit<Handover, 'ranges'>;
  readonly ranges: Ranges;
}

interface Batch {
  readonly tenant: TenantId;
  readonly entries: Map<string, Entry>;
  readonly waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
}

export const rangesOf = (places: readonly number[]): Ranges => {
  const ranges: Ranges = [];
  for (const place of places) {
    const last = ranges.at(-1);
    // Nearly always the next one: a page and a turn are in order.
    if (last && last.last + 1 === place) last.last = place;
    else spans.add(ranges, place, place);
  }
  return ranges;
};

/** No event has more ranges than it may. */
const inEvents = (entries: Iterable<Entry>): Handover[][] => {
  const events: Handover[][] = [];
  let room = 0;
  for (const { of, ranges } of entries) {
    for (let from = 0; from < ranges.length; from += rangesMax) {
      const part = ranges.slice(from, from + rangesMax);
      if (part.length > room) {
        events.push([]);
        room = rangesMax;
      }
      room -= part.length;
      events.at(-1)?.push({ ranges: part, ...of });
    }
  }
  return events;
};

export const createHandOver = (options: {
  readonly log: Pick<Log, 'append'>;
  /** Of this process: no other makes the same ids. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** A stream is about to be written to by this process. */
  readonly onStream?: (stream: string) => void;
}): HandOver => {
  const { log, owner, now, pause, onStream } = options;
  const recent = createRecentHandovers(now);
  /** Those with an append on its way, or due: each with what is gathered for the next. */
  const streams = new Map<string, { next: Batch | null }>();
  let batches = 0;

  const factsOf = (stream: string, { tenant, entries }: Batch): NewFact[] => {
    const commandId = commandIdOf('HandOver', stream, `${owner} ${(batches += 1)}`);
    const { type } = PublicationsHandedOver;
    const events = inEvents(entries.values()).map((handovers) => ({ type, data: { handovers } }));
    const actor = { kind: 'system', id: owner } as const;
    return ownFacts(events, { tenant, actor, commandId, now: now() });
  };

  const record = async (stream: string, batch: Batch): Promise<void> => {
    try {
      const facts = factsOf(stream, batch);
      for (let from = 0; from < facts.length; from += eventsMax) {
        await log.append(stream, 'any', facts.slice(from, from + eventsMax));
      }
      for (const { key, ranges } of batch.entries.values()) recent.add(key, ranges);
      for (const { resolve } of batch.waiting) resolve();
    } catch (error) {
      for (const { reject } of batch.waiting) reject(error);
    }
  };

  /** Until nothing is gathered for the stream any more. Never throws. */
  const work = async (stream: string, gathering: { next: Batch | null }): Promise<void> => {
    onStream?.(stream);
    // Readers that one publication woke come in the same moment.
    await pause(0);
    while (gathering.next) {
      const batch = gathering.next;
      gathering.next = null;
      await record(stream, batch);
      await pause(gapMs);
    }
    streams.delete(stream);
  };

  const gather = (handed: HandedOver, key: string, ranges: Ranges): Promise<void> =>
    new Promise((resolve, reject) => {
      const { tenant, topicId, partnerId, credentialId, userId, way } = handed;
      const stream = handoversStream(tenant, topicId);
      const known = streams.get(stream);
      const gathering = known ?? { next: null };
      const batch: Batch = (gathering.next ??= { tenant, entries: new Map(), waiting: [] });
      const by = { ...(credentialId && { credentialId }), ...(userId && { userId }) };
      const entry = batch.entries.get(key);
      if (!entry) batch.entries.set(key, { key, of: { partnerId, way, ...by }, ranges });
      else for (const { first, last } of ranges) spans.add(entry.ranges, first, last);
      batch.waiting.push({ resolve, reject });
      if (known) return;
      streams.set(stream, gathering);
      void work(stream, gathering);
    });

  return async (handed) => {
    const { tenant, topicId, partnerId, credentialId, userId, way } = handed;
    const key = [tenant, topicId, partnerId, way, credentialId ?? '', userId ?? ''].join(' ');
    const ranges = recent.without(key, rangesOf(handed.places));
    if (ranges.length > 0) await gather(handed, key, ranges);
  };
};
