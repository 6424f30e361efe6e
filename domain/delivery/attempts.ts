/**
 * Attempts as an event tells them. Most of those that follow each other differ in what was sent and when, and in nothing else: such a one is
 * told by that alone, a quarter of the whole, and is otherwise as the one before it in its event.
 */
import type { Attempt, AttemptAlike } from './events.js';

type Response = NonNullable<Attempt['response']>;

const isSameHeaders = (one: Response['headers'], other: Response['headers']): boolean => {
  let names = 0;
  for (const name in one) {
    if (one[name] !== other[name]) return false;
    names += 1;
  }
  for (const _name in other) names -= 1;
  return names === 0;
};

const isSameResponse = (one: Response, other: Response): boolean =>
  one === other ||
  (one.body === other.body &&
    one.encoding === other.encoding &&
    one.truncated === other.truncated &&
    isSameHeaders(one.headers, other.headers));

const isSameNames = (one: readonly string[], other: readonly string[]): boolean =>
  one === other ||
  (one.length === other.length && one.every((name, index) => name === other[index]));

const isAlike = (one: Attempt, other: Attempt): boolean =>
  one.outcome === 'delivered' &&
  other.outcome === 'delivered' &&
  one.attempt === other.attempt &&
  one.cause === other.cause &&
  one.job === other.job &&
  one.status === other.status &&
  one.request.url === other.request.url &&
  isSameNames(one.request.headers, other.request.headers);

/** @param before the one before it in its event; undefined: it is the first. @returns as the event tells it. */
export const abbreviated = (
  attempt: Attempt,
  before: Attempt | undefined,
): Attempt | AttemptAlike => {
  if (!before || !isAlike(attempt, before)) return attempt;
  const { webhookId, places, ids, startedAt, ms, request, lane, response } = attempt;
  if (!response && before.response) return attempt;
  const alike: AttemptAlike = { webhookId, places, ids, startedAt, ms, bytes: request.bytes };
  if (lane !== undefined) alike.lane = lane;
  if (response && !(before.response && isSameResponse(response, before.response))) {
    alike.response = response;
  }
  return alike;
};

const isWhole = (told: Attempt | AttemptAlike): told is Attempt => 'request' in told;

/** Each of them whole. @param told of one event. @throws where the first is not whole: no event is like that. */
export const inFull = (told: readonly (Attempt | AttemptAlike)[]): Attempt[] => {
  let before: Attempt | undefined;
  return told.map((one) => {
    if (isWhole(one)) return (before = one);
    if (!before) throw new Error(`${one.webhookId} is told as another that is not there`);
    const { bytes, lane, ...own } = one;
    const { lane: _another, ...shared } = before;
    const request = { ...before.request, bytes };
    return (before = { ...shared, ...own, request, ...(lane === undefined ? {} : { lane }) });
  });
};
