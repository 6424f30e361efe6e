/**
 * The publications of topics as deliveries need them: one reading of each topic for all of its subscriptions, kept as pages in memory.
 *
 * One live subscription to the log brings what is new; whatever is older, or was let go, is read a page at a time, once for all who
 * wait for it. What was published never changes, so a page cannot be stale; its size in memory is bounded over all topics. A page that all
 * have done with is let go at once: what lives longer is copied about by the collector of garbage, which costs more than to read it again.
 */
import type { Reveal } from '../../commands/publication/reveal.js';
import type { Log } from '../../commands/log.js';
import type { Fact } from '../../domain/fact.js';
import type { TenantId, TopicId } from '../../domain/ids.js';
import {
  type Publication,
  publicationsStream,
  type Published,
} from '../../domain/publication/publication.js';
import { type Entry, entryOf } from './entries.js';

/** The places of a stream from `first` on, at most `count`; fewer where it ends. @throws what the log throws. */
export type ReadPage = (stream: string, first: number, count: number) => Promise<readonly Entry[]>;

/** beyond: nothing was published there yet. gone: the log does not keep it any more. A promise: it is being read. */
export type Found = Entry | 'beyond' | 'gone' | Promise<void>;

export interface TopicWindow {
  at(place: number): Found;
  /** The last place that is known; -1: none. */
  readonly head: number;
  /** @param needed the first place that the listener is not done with. @returns how to stop listening. */
  onMore(listener: () => void, needed: () => number): () => void;
  /** As it may be shown now; null: not any more. */
  reveal(entry: Entry, now: number): Promise<Publication | null>;
}

export interface TopicWindows {
  open(tenant: TenantId, topicId: TopicId): TopicWindow;
  /** A publication, in global order; of topics that are not open it is passed over. */
  take(fact: Fact): void;
  /** When a topic has no subscription here any more. */
  close(tenant: TenantId, topicId: TopicId): void;
}

const pagePlaces = 256;
/** Of a page, the place from which the next is read ahead. */
const aheadFrom = 16;
/** What is read ahead at once: each reading wakes four threads and processes in turn, there and back. */
const pagesAhead = 2;
const bytesMaxDefault = 64_000_000;
/** Of an entry besides its body. */
const overheadBytes = 1_000;

type Page = (Entry | 'gone' | undefined)[];

interface Kept {
  readonly topic: Topic;
  readonly index: number;
  bytes: number;
  /** All had done with it, and somebody asked for it once more: it stays until there is no room. */
  readonly isAgain: boolean;
}

interface Topic {
  readonly stream: string;
  readonly window: TopicWindow;
  readonly pages: Map<number, Page>;
  readonly reading: Map<number, Promise<void>>;
  /** With the first place that each is not done with. */
  readonly listeners: Map<() => void, () => number>;
  head: number;
  /** Whether everything up to the head is known to be all there is. */
  settled: boolean;
}

const weightOf = ({ structured, sealed }: Entry): number => {
  const hidden = (sealed?.data as Published | undefined)?.personal?.sealed.length ?? 0;
  return 3 * ((structured?.length ?? overheadBytes) + hidden) + overheadBytes;
};

export const createTopicWindows = (options: {
  readonly log: Pick<Log, 'read'>;
  readonly reveal: Reveal;
  /** For a page that nobody waits for yet; from the log unless told. */
  readonly readAhead?: ReadPage;
  readonly bytesMax?: number;
}): TopicWindows => {
  const { log, reveal, bytesMax = bytesMaxDefault } = options;
  const readNow: ReadPage = async (stream, first, count) =>
    (await log.read(stream, first, count)).map(entryOf);
  const readBeside = options.readAhead ?? readNow;
  const topics = new Map<string, Topic>();
  /** Oldest first, with their sizes. */
  const kept = new Map<Page, Kept>();
  let bytes = 0;

  const forget = (page: Page, { topic, index, bytes: size }: Kept): void => {
    kept.delete(page);
    topic.pages.delete(index);
    bytes -= size;
  };

  /** Infinity: nobody listens. */
  const neededPage = ({ listeners }: Topic): number =>
    Math.floor(Math.min(...[...listeners.values()].map((needed) => needed())) / pagePlaces);

  const letPassedGo = (topic: Topic): void => {
    const needed = Math.min(neededPage(topic), Math.floor(topic.head / pagePlaces));
    for (const [index, page] of topic.pages) {
      const about = kept.get(page);
      if (about && index < needed && !about.isAgain) forget(page, about);
    }
  };

  /** @param latest stays, however large it is: somebody waits for it. */
  const letGo = (latest?: Page): void => {
    for (const [page, about] of kept) {
      if (bytes <= bytesMax) return;
      const isHead = about.index === Math.floor(about.topic.head / pagePlaces);
      if (!isHead && page !== latest) forget(page, about);
    }
  };

  const pageOf = (topic: Topic, index: number): Page => {
    let page = topic.pages.get(index);
    if (!page) {
      topic.pages.set(index, (page = []));
      kept.set(page, { topic, index, bytes: 0, isAgain: index < neededPage(topic) });
    }
    return page;
  };

  const put = (topic: Topic, entry: Entry): void => {
    const page = pageOf(topic, Math.floor(entry.place / pagePlaces));
    if (page[entry.place % pagePlaces]) return;
    page[entry.place % pagePlaces] = entry;
    const weight = weightOf(entry);
    const about = kept.get(page);
    if (about) about.bytes += weight;
    bytes += weight;
    topic.head = Math.max(topic.head, entry.place);
  };

  const read = async (
    topic: Topic,
    index: number,
    pages: number,
    readPage: ReadPage,
  ): Promise<void> => {
    try {
      const first = index * pagePlaces;
      const count = pages * pagePlaces;
      let last = topic.head;
      const entries = await readPage(topic.stream, first, count);
      for (const entry of entries) {
        put(topic, entry);
        last = Math.max(last, entry.place);
      }
      if (entries.length < count) topic.settled = true;
      // Before the first that is left, and between: deleted or grown too old. What came during the reading may be here no more.
      const page = pageOf(topic, index);
      for (let place = first; place <= Math.min(last, first + count - 1); place += 1) {
        pageOf(topic, Math.floor(place / pagePlaces))[place % pagePlaces] ??= 'gone';
      }
      letPassedGo(topic);
      letGo(page);
    } finally {
      for (let page = 0; page < pages; page += 1) topic.reading.delete(index + page);
    }
  };

  const startReading = (
    topic: Topic,
    index: number,
    pages: number,
    readPage: ReadPage,
  ): Promise<void> => {
    const reading = read(topic, index, pages, readPage);
    for (let page = 0; page < pages; page += 1) topic.reading.set(index + page, reading);
    return reading;
  };

  const isHereOrRead = ({ pages, reading }: Topic, index: number): boolean =>
    pages.has(index) || reading.has(index);

  /** Whoever works off a backlog finds the next pages there when it is done with this one. */
  const readAhead = (topic: Topic, index: number): void => {
    if (topic.settled && index * pagePlaces > topic.head) return;
    if (isHereOrRead(topic, index)) return;
    const before = topic.pages.get(index - 1);
    const size = (before && kept.get(before)?.bytes) ?? 0;
    // The one before would have to go for it.
    if (size > bytesMax / 4) return;
    const isRoom = size * pagesAhead <= bytesMax / 4;
    const pages = isRoom && !isHereOrRead(topic, index + 1) ? pagesAhead : 1;
    // Whoever comes to that page is told what went wrong, and reads it again.
    startReading(topic, index, pages, readBeside).catch(() => undefined);
  };

  const at = (topic: Topic, place: number): Found => {
    if (topic.settled && place > topic.head) return 'beyond';
    const index = Math.floor(place / pagePlaces);
    const found = topic.pages.get(index)?.[place % pagePlaces];
    if (!found) return topic.reading.get(index) ?? startReading(topic, index, 1, readNow);
    if (place % pagePlaces === aheadFrom) readAhead(topic, index + 1);
    return found;
  };

  const openTopic = (tenant: TenantId, topicId: TopicId, stream: string): Topic => {
    const window: TopicWindow = {
      at: (place) => at(topic, place),
      get head() {
        return topic.head;
      },
      onMore: (listener, needed) => {
        topic.listeners.set(listener, needed);
        return () => topic.listeners.delete(listener);
      },
      reveal: async (entry, now) => {
        if (!entry.sealed) return entry.publication;
        const revealed = await reveal(tenant, topicId, entry.sealed, now);
        return revealed.kind === 'expired' ? null : revealed.publication;
      },
    };
    const topic: Topic = {
      stream,
      window,
      head: -1,
      settled: false,
      pages: new Map(),
      reading: new Map(),
      listeners: new Map(),
    };
    return topic;
  };

  return {
    open: (tenant, topicId) => {
      const stream = publicationsStream(tenant, topicId);
      let topic = topics.get(stream);
      if (!topic) topics.set(stream, (topic = openTopic(tenant, topicId, stream)));
      return topic.window;
    },
    take: (fact) => {
      const topic = topics.get(fact.stream);
      if (!topic) return;
      put(topic, entryOf(fact));
      topic.settled = true;
      if (fact.revision % pagePlaces === 0) letPassedGo(topic);
      letGo();
      for (const listener of topic.listeners.keys()) listener();
    },
    close: (tenant, topicId) => {
      const topic = topics.get(publicationsStream(tenant, topicId));
      if (!topic || topic.listeners.size > 0) return;
      topics.delete(topic.stream);
      for (const page of topic.pages.values()) {
        const about = kept.get(page);
        if (about) forget(page, about);
      }
    },
  };
};
