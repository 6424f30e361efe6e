/** What an answer of a provider means for each message of the request, by the table of its settings. */
import type { ErrorClass } from '../../../../domain/message/kinds.js';
import type { Outgoing, ProviderHttpAnswer, SendResult } from '../port.js';
import { leavesUnknown, refusal, retryAfterMsOf, submitted } from '../results.js';
import { at, textAt } from './pointer.js';
import type { HttpAnswer } from './settings.js';

type Answered = Extract<ProviderHttpAnswer, { kind: 'answered' }>;

const usual = (status: number): ErrorClass => {
  if (status === 429 || status === 408) return 'throttled';
  if (leavesUnknown(status)) return 'unknownOutcome';
  if (status >= 500) return 'transient';
  if (status === 413 || status === 400 || status === 422) return 'contentPermanent';
  return 'accountPermanent';
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const ofFailure = ({ written, code, text }: Extract<ProviderHttpAnswer, { kind: 'failed' }>) => {
  if (written) return refusal('unknownOutcome', code, text);
  const mend =
    code === 'ADDRESS_REFUSED' || /^(CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
  return refusal(mend ? 'accountPermanent' : 'transient', code, text);
};

/** Of one message, or of all where the answer says nothing about each. */
const judged = (item: unknown, answer: HttpAnswer, response: string | undefined): SendResult => {
  const said = response === undefined ? {} : { response };
  const code = textAt(item, answer.code);
  const isFine = answer.fine ? code !== null && answer.fine.includes(code) : code === null;
  if (isFine) return submitted(textAt(item, answer.reference) ?? undefined, response);
  const known = answer.errors?.find((error) => error.code === code);
  if (code === null && !known) {
    return refusal('unknownOutcome', 'not-understood', 'Its answer has no code.', said);
  }
  const text = textAt(item, answer.text) ?? `The provider answered ${String(code)}.`;
  const wait = known?.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs };
  return refusal(known?.class ?? 'transient', code ?? '', text, { ...said, ...wait });
};

const ofRefusedStatus = (
  { status, headers }: Answered,
  body: unknown,
  answer: HttpAnswer,
  { response, now }: { readonly response: string | undefined; readonly now: number },
): SendResult => {
  const code = textAt(body, answer.code);
  const known = answer.errors?.find((error) => error.code === code);
  const byStatus = answer.statuses?.find((one) => one.status === status)?.class;
  const errorClass = known?.class ?? byStatus ?? usual(status);
  const wait = retryAfterMsOf(headers['retry-after'], now) ?? known?.retryAfterMs;
  const text = textAt(body, answer.text) ?? `The provider answered ${status}.`;
  return refusal(errorClass, code ?? status, text, {
    ...(response === undefined ? {} : { response }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
};

/** In the order of the messages. */
const eachOfBatch = (
  messages: readonly Outgoing[],
  body: unknown,
  answer: HttpAnswer,
): readonly unknown[] | null => {
  const { items, itemReference } = answer;
  if (items === undefined) return messages.map(() => body);
  const list = at(body, items);
  if (!Array.isArray(list)) return null;
  if (itemReference === undefined) return list.length === messages.length ? list : null;
  const byReference = new Map(list.map((item: unknown) => [textAt(item, itemReference), item]));
  return messages.map(({ clientReference }) => byReference.get(clientReference));
};

export const resultsOf = (
  messages: readonly Outgoing[],
  answered: ProviderHttpAnswer,
  answer: HttpAnswer,
  now: number,
): readonly SendResult[] => {
  if (answered.kind === 'failed') {
    const failed = ofFailure(answered);
    return messages.map(() => failed);
  }
  const body = parsed(answered.body);
  const isAlone = messages.length === 1;
  // Of several the whole answer tells of others too.
  const response = isAlone ? spelt(body, answered.body) : undefined;
  const { accepted = [200, 201, 202, 204] } = answer;
  if (!accepted.includes(answered.status)) {
    const refused = ofRefusedStatus(answered, isAlone ? body : codeAlone(body, answer), answer, {
      response,
      now,
    });
    return messages.map(() => refused);
  }
  const isRead = answer.code ?? answer.reference ?? answer.items;
  if (isRead === undefined) return messages.map(() => submitted(undefined, response));
  const lost = refusal('unknownOutcome', 'not-understood', 'Its answer made no sense.', {
    ...(response === undefined ? {} : { response }),
  });
  const items = body === undefined ? null : eachOfBatch(messages, body, answer);
  return messages.map((_message, index) => {
    const item = items?.[index];
    if (item === undefined) return lost;
    return judged(item, answer, isAlone ? response : ownOf(item, answer));
  });
};

/** As JSON it is spelt in one way, so that what has to be hidden in it is found. */
const spelt = (body: unknown, raw: string): string =>
  body === undefined ? raw : JSON.stringify(body);

const ownOf = (item: unknown, { items }: HttpAnswer): string | undefined =>
  items === undefined ? undefined : JSON.stringify(item);

/** What it says about all of them, without what it says about one. */
const codeAlone = (body: unknown, { code }: HttpAnswer): unknown => {
  const found = textAt(body, code);
  return code === undefined || found === null || !/^\/[^/]+$/.test(code)
    ? undefined
    : { [code.slice(1)]: found };
};
