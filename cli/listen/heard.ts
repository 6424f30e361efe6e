/**
 * What is heard of a topic, place by place: by server-sent events, and by pulling where no stream comes through. It goes on from the
 * last place after every interruption, and what seems to be missing is pulled before what came after it is handed on.
 */
import { attributesOf } from '../../domain/publication/attributes.js';
import { type EventFilter, wants } from '../../domain/subscription/filter.js';
import { publicationsOf } from '../../api/exchange/cloudEvents.js';
import { type Http, NoAnswer, Problem } from '../http/http.js';
import { pause } from '../http/retry.js';
import { openEventStream, type ServerEvent } from './eventStream.js';

export interface Item {
  readonly place: number;
  readonly publishedAt: string;
  /** A CloudEvent. */
  readonly event: Readonly<Record<string, unknown>>;
}

export type Heard =
  | { readonly kind: 'item'; readonly item: Item }
  /** Places that are not for this reader, both included. */
  | {
      readonly kind: 'passed';
      readonly first: number;
      readonly last: number;
      readonly reason: string;
    }
  /** Of the connection, for people. */
  | { readonly kind: 'note'; readonly text: string };

export interface Listening {
  readonly http: Http;
  readonly token: string;
  readonly topicId: string;
  /** The last place that is known; null: from the beginning; `now`: only what is to come. */
  readonly after: number | 'now' | null;
  readonly filter: EventFilter | null;
  /** best: by stream, and by pulling where none comes through. */
  readonly by: 'best' | 'pull';
  readonly signal: AbortSignal;
  /** For tests. */
  readonly times?: Partial<typeof timesDefault>;
}

const timesDefault = {
  /** Three heartbeats of the server. */
  silenceMs: 45_000,
  waitSeconds: 8,
  backOffMs: 500,
  backOffMaxMs: 10_000,
  /** Tries that bring nothing before a stream is given up for pulling. */
  triesMax: 3,
};
const pullMax = 100;

/** Nothing that trying again would mend. */
const isFinal = (error: unknown): boolean =>
  !(error instanceof NoAnswer) && !(error instanceof Problem && error.retryAfter !== null);

/** Ends when the signal aborts. @throws Problem that no repeat will mend. */
export async function* hear(listening: Listening): AsyncGenerator<Heard> {
  const { signal, by } = listening;
  const times = { ...timesDefault, ...listening.times };
  const heard = newPlace(listening.after);
  let failures = 0;
  let mode = by === 'pull' ? pulled : streamed;
  while (!signal.aborted) {
    const before = heard.last;
    try {
      for await (const one of mode(listening, heard, times)) {
        failures = 0;
        yield one;
      }
      if (signal.aborted) return;
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error) && !(mode === streamed && by === 'best' && isNoRoute(error))) throw error;
      yield { kind: 'note', text: (error as Error).message };
    }
    failures = heard.last === before ? failures + 1 : 0;
    if (mode === streamed && by === 'best' && failures >= times.triesMax) {
      yield { kind: 'note', text: 'no stream comes through: pulling instead' };
      mode = pulled;
      failures = 0;
    } else {
      const backOffMs = Math.min(times.backOffMs * 2 ** failures, times.backOffMaxMs);
      await pause(Math.max(heard.retryMs, backOffMs), signal);
    }
  }
}

/** A server or a gateway that knows no streams. */
const isNoRoute = (error: unknown): boolean =>
  error instanceof Problem && (error.code === 'not-found' || error.code.startsWith('http-'));

interface Place {
  /** Null: nothing is known yet, and the beginning is wanted. */
  last: number | null;
  /** Only what is to come, and nothing came yet. */
  fromNow: boolean;
  retryMs: number;
}

const newPlace = (after: Listening['after']): Place => ({
  last: after === 'now' ? null : after,
  fromNow: after === 'now',
  retryMs: 0,
});

type Times = typeof timesDefault;

async function* streamed(listening: Listening, place: Place, times: Times): AsyncGenerator<Heard> {
  const { http, token, topicId, filter, signal } = listening;
  const url = new URL(`/exchange/v1/topics/${encodeURIComponent(topicId)}/stream`, http.url);
  if (filter) url.searchParams.set('filter', JSON.stringify(filter));
  if (place.fromNow) url.searchParams.set('after', 'now');
  const stream = openEventStream({
    url: url.href,
    token,
    lastId: place.last === null ? null : String(place.last),
    signal,
    silenceMs: times.silenceMs,
    onRetry: (milliseconds) => (place.retryMs = milliseconds),
  });
  for await (const event of stream) {
    if (event.type === 'end') {
      yield endOf(event);
      return;
    }
    const one = heardOf(event);
    if (!one) continue;
    const first = one.kind === 'item' ? one.item.place : one.first;
    const expected = place.fromNow ? first : (place.last ?? -1) + 1;
    if (first > expected) yield* missing(listening, place, first);
    // It was pulled meanwhile, or comes a second time.
    if (lastOf(one) <= (place.last ?? -1)) continue;
    place.last = lastOf(one);
    place.fromNow = false;
    yield one;
  }
}

type Told = Exclude<Heard, { kind: 'note' }>;
const lastOf = (one: Told): number => (one.kind === 'item' ? one.item.place : one.last);

const heardOf = ({ type, data }: ServerEvent): Told | null => {
  if (type === 'message') return { kind: 'item', item: JSON.parse(data) as Item };
  if (type !== 'passed') return null;
  return {
    kind: 'passed',
    ...(JSON.parse(data) as { first: number; last: number; reason: string }),
  };
};

/** @throws Problem where coming back would not help. */
const endOf = ({ data }: ServerEvent): Heard => {
  const { reason, detail, again } = JSON.parse(data) as {
    readonly reason: string;
    readonly detail: string;
    readonly again: boolean;
  };
  if (!again) throw new Problem(403, reason, detail, {}, null);
  return { kind: 'note', text: `${reason}: ${detail}` };
};

/** Pulls what lies before `until` and was not heard. */
async function* missing(listening: Listening, place: Place, until: number): AsyncGenerator<Heard> {
  yield {
    kind: 'note',
    text: `places ${(place.last ?? -1) + 1} to ${until - 1} did not come: pulling`,
  };
  while ((place.last ?? -1) + 1 < until && !listening.signal.aborted) {
    const before = place.last;
    yield* onePull(listening, place, 0, until);
    if (place.last === before) return;
  }
}

async function* pulled(
  listening: Listening,
  place: Place,
  { waitSeconds }: Times,
): AsyncGenerator<Heard> {
  if (place.fromNow) {
    place.last = await endOfTopic(listening);
    place.fromNow = false;
  }
  while (!listening.signal.aborted) yield* onePull(listening, place, waitSeconds, Infinity);
}

interface Pulled {
  readonly items: readonly Item[];
  readonly next: number | null;
}

const pull = async (
  { http, token, topicId }: Listening,
  after: number | null,
  limit: number,
  wait: number,
): Promise<Pulled> => {
  const { body } = await http.send<Pulled>({
    method: 'GET',
    path: `/exchange/v1/topics/${encodeURIComponent(topicId)}/publications`,
    query: { after: after ?? undefined, limit, wait },
    token,
  });
  return body;
};

async function* onePull(
  listening: Listening,
  place: Place,
  wait: number,
  until: number,
): AsyncGenerator<Heard> {
  const expected = (place.last ?? -1) + 1;
  const limit = Math.min(pullMax, until - expected);
  const { items, next } = await pull(listening, place.last, limit, wait);
  for (const item of items) {
    yield* passedOver(place, item.place - 1);
    place.last = item.place;
    if (isWanted(listening.filter, item)) yield { kind: 'item', item };
    else yield { kind: 'passed', first: item.place, last: item.place, reason: 'filtered' };
  }
  if (next !== null) yield* passedOver(place, next);
}

/** A pull leaves out what is hidden or has expired without saying which. */
function* passedOver(place: Place, last: number): Generator<Heard> {
  const first = (place.last ?? -1) + 1;
  if (last < first) return;
  place.last = last;
  yield { kind: 'passed', first, last, reason: 'hidden or expired' };
}

const isWanted = (filter: EventFilter | null, { event }: Item): boolean => {
  if (!filter) return true;
  const sent = { mediaType: 'application/cloudevents+json', headers: {}, body: event };
  const [publication] = publicationsOf(sent, { id: '', source: '' });
  return publication !== undefined && wants(filter, attributesOf(publication));
};

/** Leaps ahead by doubling, then halves: a pull beyond the end answers where it was asked from, and nothing. */
const endOfTopic = async (listening: Listening): Promise<number | null> => {
  const isThere = async (place: number): Promise<boolean> => {
    const { items, next } = await pull(listening, place === 0 ? null : place - 1, 1, 0);
    return items.length > 0 || (next !== null && next >= place);
  };
  if (!(await isThere(0))) return null;
  let [there, beyond] = [0, 1];
  while (await isThere(beyond)) [there, beyond] = [beyond, beyond * 2];
  while (beyond - there > 1) {
    const middle = Math.floor((there + beyond) / 2);
    if (await isThere(middle)) there = middle;
    else beyond = middle;
  }
  return there;
};
