/**
 * Errors as application/problem+json (RFC 9457). This module alone knows which HTTP status a code becomes.
 *
 * The table is complete: a code without a row does not compile. What is not in the table is a bug: 500, a body that tells nothing
 * but the correlation id, and the whole error in the log. docs/reference/errors.md is the table rendered.
 */
import { DeadlineExceeded } from '../commands/directory.js';
import { LogRefused, LogUnavailable, VersionConflict } from '../commands/log.js';
import { PasswordsBusy } from '../commands/passwords.js';
import { KeyDestroyed } from '../commands/personalData.js';
import { PublishedTooFast } from '../commands/publication/rates.js';
import { type Fault, InvalidInput } from '../commands/validation.js';
import { Rejected, type RejectionCode, rejections } from '../domain/rejected.js';
import { DocumentsNotReady, SearchTooCostly } from '../projections/documents/reading.js';
import { ProjectionBehind } from '../projections/waiting.js';
import { advice } from './advice.js';
import { type RefusalCode, Refused, refusals } from './refused.js';

export type ProblemCode = RejectionCode | RefusalCode;

export const problemStatuses: Readonly<Record<ProblemCode, number>> = {
  // What a decider says.
  'account-closed': 409,
  'account-not-found': 404,
  'adjustment-exists': 409,
  'already-registered': 409,
  'amount-mismatch': 422,
  'app-not-found': 404,
  'approval-missing': 409,
  'basket-too-large': 422,
  'budget-exhausted': 409,
  'campaign-ended': 409,
  'campaign-not-found': 404,
  'card-blocked': 409,
  'card-not-found': 404,
  'card-of-another-member': 422,
  'card-taken': 409,
  'chances-exceed-certainty': 422,
  'contact-taken': 409,
  'coupon-blocked': 409,
  'coupon-limit-reached': 409,
  'coupon-not-found': 404,
  'coupon-reserved': 409,
  'coupon-spent': 409,
  'coupon-terms-wrong': 422,
  'coupon-used-up': 409,
  'coupon-word-taken': 409,
  'credential-not-found': 404,
  'credentials-refused': 401,
  'currency-mismatch': 422,
  'delivery-not-found': 404,
  'disabled-by-operator': 409,
  'draft-open': 409,
  'draw-beacon-missing': 422,
  'draw-full': 409,
  'draw-not-decided': 409,
  'draw-not-found': 404,
  'draw-not-open': 409,
  'draw-opened-before': 422,
  'draw-over': 409,
  'draw-still-open': 409,
  'endpoint-not-verified': 409,
  'ends-before-it-begins': 422,
  'event-type-not-relayed': 422,
  'foreign-merchant': 403,
  'four-eyes-needed': 409,
  'game-ended': 409,
  'game-not-found': 404,
  'gift-card-amount-wrong': 422,
  'gift-card-blocked': 409,
  'gift-card-expired': 409,
  'gift-card-not-found': 404,
  'gift-card-not-sold': 409,
  'gift-card-other-currency': 409,
  'gift-card-other-merchants': 409,
  'gift-card-repeated': 422,
  'gift-card-series-blocked': 409,
  'gift-card-sold': 409,
  'gift-card-terms-wrong': 422,
  'gift-card-too-little': 409,
  'gift-card-used': 409,
  'gift-cards-exceed-payment': 422,
  'grant-to-owner': 409,
  'household-full': 409,
  'idempotency-key-reused': 409,
  'invalid-contact': 422,
  'invalid-user-id': 422,
  'invitation-refused': 401,
  'kafka-link-not-found': 404,
  'kafka-topic-taken': 409,
  'line-not-found': 422,
  'member-is-head': 409,
  'member-not-found': 404,
  'merchant-not-found': 404,
  'message-not-found': 404,
  'no-draft': 409,
  'not-a-redeemer': 409,
  'not-enough-points': 409,
  'not-running': 409,
  'not-submitted': 409,
  'not-topic-owner': 403,
  'nothing-to-replay': 409,
  'nothing-to-return': 409,
  'offline-cannot-spend': 422,
  'operator-not-found': 404,
  'outreach-rules-wrong': 422,
  'partner-not-found': 404,
  'partner-user-not-found': 404,
  'point-of-sale-not-found': 404,
  'policy-not-found': 404,
  'policy-wrong': 422,
  'position-repeated': 422,
  'price-changed': 409,
  'prize-gone': 409,
  'prize-repeated': 422,
  'product-not-found': 404,
  'programme-not-set': 409,
  'provider-cannot-carry': 422,
  'provider-kind-unknown': 422,
  'provider-not-found': 404,
  'purchase-cancelled': 409,
  'purchase-exists': 409,
  'purchase-not-found': 404,
  'recipient-erased': 409,
  'redemption-not-allowed': 422,
  'redemption-over-limit': 422,
  'referral-code-unknown': 422,
  'referral-refused': 409,
  'referral-terms-wrong': 422,
  'referrals-not-open': 409,
  'replay-not-found': 404,
  'replay-over': 409,
  'return-exceeds-purchase': 409,
  'return-exists': 409,
  revoked: 409,
  'routing-changed': 409,
  'routing-wrong': 422,
  'secret-rotating': 409,
  'schema-incompatible': 409,
  'schema-not-met': 422,
  'schema-retired': 409,
  'schemas-changed': 409,
  'segment-changed': 409,
  'segment-computed': 409,
  'segment-kind': 409,
  'segment-not-found': 404,
  'segment-retired': 409,
  'segments-full': 409,
  'series-closed': 409,
  'series-kind-wrong': 422,
  'series-not-found': 404,
  'strategy-not-found': 404,
  'strategy-retired': 409,
  'strategy-wrong': 422,
  'subject-erased': 409,
  'subscription-changed': 409,
  'subscription-ended': 409,
  'subscription-not-found': 404,
  'template-not-found': 404,
  'template-not-rendered': 422,
  'template-retired': 409,
  'template-wrong': 422,
  'tenant-not-found': 404,
  'tiers-not-ascending': 422,
  'tiers-not-set': 404,
  'till-not-found': 404,
  'time-in-future': 422,
  'too-many-attributes': 409,
  'too-many-campaigns': 409,
  'too-many-codes': 409,
  'too-many-credentials': 409,
  'too-many-grants': 409,
  'too-many-partner-users': 409,
  'too-many-kafka-links': 409,
  'too-many-policies': 409,
  'too-many-prizes': 422,
  'too-many-providers': 409,
  'too-many-replays': 409,
  'too-many-returns': 409,
  'too-many-schemas': 409,
  'too-many-series': 409,
  'too-many-strategies': 409,
  'too-many-strategy-versions': 409,
  'too-many-subscriptions': 409,
  'too-many-template-versions': 409,
  'too-many-templates': 409,
  'too-many-versions': 409,
  'topic-archived': 409,
  'topic-not-found': 404,
  'unsubscribe-link-refused': 404,
  'version-not-found': 404,
  // What the HTTP layer says.
  'body-missing': 400,
  'body-too-deep': 400,
  'body-too-large': 413,
  'body-unexpected': 400,
  'broken-json': 400,
  'credentials-invalid': 401,
  'credentials-missing': 401,
  'foreign-tenant': 403,
  forbidden: 403,
  'headers-too-large': 431,
  'idempotency-key-missing': 400,
  'identity-mismatch': 403,
  'internal-error': 500,
  'invalid-input': 400,
  'history-too-long': 422,
  'job-running': 409,
  'log-unavailable': 503,
  'malformed-request': 400,
  'merchant-revoked': 403,
  'method-not-allowed': 405,
  'not-found': 404,
  'point-of-sale-revoked': 403,
  'position-not-reached': 503,
  'rate-limited': 429,
  'read-model-unavailable': 503,
  'request-timeout': 503,
  'search-too-costly': 422,
  'service-unavailable': 503,
  stopping: 503,
  'tenant-revoked': 403,
  'till-token-missing': 401,
  'token-expired': 401,
  'token-revoked': 401,
  'too-many-streams': 429,
  'unsupported-media-type': 415,
  'version-conflict': 409,
};

export const problemTitles: Readonly<Record<ProblemCode, string>> = { ...rejections, ...refusals };

/** Of a fault in a request: where it is, as a JSON pointer into the part of the request that `in` names. */
export interface RequestFault extends Fault {
  readonly in: 'body' | 'path' | 'query' | 'header';
}

export interface Problem {
  readonly status: number;
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** A bug or an outage: the whole error belongs into the log. */
  readonly unexpected: boolean;
}

const retryAfter = { 'retry-after': '1' } as const;
const challenge = { 'www-authenticate': 'Bearer realm="kopilka"' } as const;

interface Told {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Errors of sockets and of PostgreSQL that mean "not there at the moment", not "wrong". */
const outage = /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|57P0[1-3]|53300|08[0-9A-Z]{3})$/;
/** Errors of MongoDB's driver that mean the same. */
const mongoOutage =
  /^Mongo(Network|ServerSelection|PoolCleared|PoolClosed|WaitQueue|NotConnected|ServerClosed|TopologyClosed)/;
const isOutage = (error: unknown): boolean => {
  const { code, message, name } = (error ?? {}) as Record<'code' | 'message' | 'name', unknown>;
  return (
    (typeof name === 'string' && mongoOutage.test(name)) ||
    (typeof code === 'string' && outage.test(code)) ||
    (typeof message === 'string' &&
      /^(timeout exceeded when trying to connect|Connection terminated)/.test(message))
  );
};

const tell = (error: unknown): Told => {
  if (error instanceof Rejected) {
    const detail = `${error.message}. ${advice[error.code]}`;
    return { code: error.code, detail, details: error.details };
  }
  if (error instanceof Refused) {
    return {
      code: error.code,
      detail: error.advice,
      details: error.details,
      headers: error.headers,
    };
  }
  if (error instanceof InvalidInput) {
    const count = error.faults.length;
    const detail = `${count} ${count === 1 ? 'fault' : 'faults'}: mend what \`faults\` names and send the request again.`;
    return { code: 'invalid-input', detail, details: { faults: error.faults } };
  }
  if (error instanceof VersionConflict) {
    return { code: 'version-conflict', detail: 'Send the request again with the same key.' };
  }
  // The other refusals of the log are faults of the installation.
  if (error instanceof LogRefused && error.reason === 'too-large') {
    return {
      code: 'body-too-large',
      detail: 'What it records is more than the log takes at once.',
    };
  }
  if (error instanceof LogUnavailable) {
    const detail = 'Send the request again with the same key: it is carried out once.';
    return { code: 'log-unavailable', detail, headers: retryAfter };
  }
  if (error instanceof DeadlineExceeded || error instanceof ProjectionBehind) {
    const detail = `Position ${error.position} was not reached within ${error.deadlineMs} ms: send the request again.`;
    return { code: 'position-not-reached', detail, headers: retryAfter };
  }
  if (error instanceof PublishedTooFast) {
    const { message: detail, limitedBy, eventsPerSecond, waitMs } = error;
    const headers = { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))) };
    return { code: 'rate-limited', detail, details: { limitedBy, eventsPerSecond }, headers };
  }
  if (error instanceof PasswordsBusy) {
    return { code: 'rate-limited', detail: error.message, headers: { 'retry-after': '3' } };
  }
  if (error instanceof SearchTooCostly) {
    const detail = `It was not done within ${error.deadlineMs} ms. Narrow it: by an attribute, a shorter time, words, fewer \`ne\` and \`not\`.`;
    return { code: 'search-too-costly', detail };
  }
  if (error instanceof DocumentsNotReady) {
    return { code: 'read-model-unavailable', detail: error.message, headers: retryAfter };
  }
  if (error instanceof KeyDestroyed) return { code: 'account-closed', detail: error.message };
  if (isOutage(error)) {
    return {
      code: 'read-model-unavailable',
      detail: 'Send the request again.',
      headers: retryAfter,
    };
  }
  return { code: 'internal-error', detail: 'Tell the operators the correlation id.' };
};

/** The error as it leaves the house. */
export const problemOf = (error: unknown, correlationId: string): Problem => {
  const { code, detail, details, headers } = tell(error);
  const status = problemStatuses[code];
  return {
    status,
    code,
    headers: status === 401 ? { ...challenge, ...headers } : (headers ?? {}),
    unexpected: status >= 500 && !(error instanceof Refused) && code !== 'position-not-reached',
    body: {
      // First, so that no detail of an error can stand in for what follows.
      ...details,
      type: `/docs/errors#${code}`,
      title: problemTitles[code],
      status,
      detail,
      code,
      correlationId,
    },
  };
};

/** docs/reference/errors.md. */
export const renderErrorReference = (): string => {
  const rows = (codes: Readonly<Record<string, string>>) =>
    Object.entries(codes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, title]) => `| \`${code}\` | ${problemStatuses[code as ProblemCode]} | ${title} |`,
      );
  const head = ['| code | status | title |', '| --- | --- | --- |'];
  const decisions = rows(rejections).map((row) => {
    const code = /`(.+?)`/.exec(row)?.[1] as RejectionCode;
    return `${row} ${advice[code]} |`;
  });
  return [
    '# Errors',
    '',
    'Every error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail` (what to do next), `code` (stable:',
    'program against it), `correlationId` (also in `X-Request-Id`), and what the code adds, such as `faults` of `invalid-input`:',
    'for each its part of the request (`in`: body, path, query or header), the JSON pointer and the reason.',
    'Answers with status 429 and 503 carry `Retry-After` in seconds; the request may be sent again with the same idempotency key.',
    'This page is the table in `api/problem.ts`, rendered; a test holds the two together.',
    '',
    '## Decisions',
    '',
    '| code | status | title | what to do |',
    '| --- | --- | --- | --- |',
    ...decisions,
    '',
    '## Requests',
    '',
    ...head,
    ...rows(refusals),
    '',
  ].join('\n');
};
