/**
 * The question whether an endpoint wants to be called, as CloudEvents' HTTP webhooks ask it: OPTIONS with who we are, and an answer
 * that names us or everybody. Whoever gives a stranger's address gets nothing sent there, since the stranger does not answer so.
 *
 * What was answered is told in full, with what should have been: it is the partner's developer who reads it.
 */
import type { Verdict } from './recordVerification.js';

/** What became of a call; of platform/outbound/guardedClient.ts, which is the one way out. */
export type Outcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export type CallOut = (call: {
  readonly url: string;
  readonly method: 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
}) => Promise<Outcome>;

const deadlineMs = 5_000;
const quotedMax = 100;

/** @param ratePerMinute that is wanted; null: as many as come. */
export const questionHeaders = (
  origin: string,
  ratePerMinute: number | null,
): Readonly<Record<string, string>> => ({
  'webhook-request-origin': origin,
  ...(ratePerMinute === null ? {} : { 'webhook-request-rate': String(ratePerMinute) }),
});

/** As it may stand in a log and on a screen. */
const quoted = (text: string): string =>
  JSON.stringify(text.length > quotedMax ? `${text.slice(0, quotedMax)}…` : text);

const refusal = (reason: string): Verdict => ({ agreed: false, reason: reason.slice(0, 1_000) });

const rateOf = (text: string | undefined): number | null | 'wrong' => {
  if (text === undefined || text.trim() === '*') return null;
  return /^[1-9][0-9]{0,8}$/.test(text.trim()) ? Number(text) : 'wrong';
};

export const judge = (outcome: Outcome, origin: string): Verdict => {
  if (outcome.kind === 'refused') return refusal(`It was not called: ${outcome.reason}.`);
  if (outcome.kind === 'failed') {
    return refusal(`It did not answer to OPTIONS: ${outcome.reason}.`);
  }
  const { status, headers } = outcome;
  const wanted = `WebHook-Allowed-Origin: ${origin}`;
  if (status < 200 || status > 299) {
    return refusal(`It answered ${status} to OPTIONS; answer 200 with ${wanted}.`);
  }
  const allowed = headers['webhook-allowed-origin']?.trim();
  if (allowed === undefined) {
    return refusal(`It answered ${status} to OPTIONS without an origin; answer with ${wanted}.`);
  }
  if (allowed !== origin && allowed !== '*') {
    return refusal(`It allows ${quoted(allowed)} and nobody else; answer with ${wanted}, or *.`);
  }
  const rate = headers['webhook-allowed-rate'];
  const allowedRate = rateOf(rate);
  if (allowedRate === 'wrong') {
    const given = quoted(rate ?? '');
    return refusal(`WebHook-Allowed-Rate is ${given}; say requests a minute, such as 120, or *.`);
  }
  return { agreed: true, allowedRate };
};

export const askEndpoint = async (
  callOut: CallOut,
  origin: string,
  about: {
    readonly url: string;
    readonly ratePerSecond?: number | undefined;
    /** Of the partner's own: an endpoint may let nobody in without them. */
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<Verdict> => {
  const { url, ratePerSecond, headers } = about;
  const perMinute = ratePerSecond === undefined ? null : ratePerSecond * 60;
  const asked = { ...headers, ...questionHeaders(origin, perMinute) };
  return judge(await callOut({ url, method: 'OPTIONS', headers: asked, deadlineMs }), origin);
};
