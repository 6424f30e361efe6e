/** A report of a letter as somebody hands it over: the letter as it came (message/rfc822), let in by the token that was agreed. */
import { timingSafeEqual } from 'node:crypto';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';
import type { Callback, CallbackResult } from '../port.js';
import { createMarks, type LetterMarks } from './mark.js';
import { receiptOf } from './meaning.js';
import { LetterUnreadable } from './report/fault.js';
import { readReport } from './report/report.js';
import type { SmtpSecrets, SmtpSettings } from './settings.js';

const tokensOf = ({ bounceToken, bounceTokenBefore }: SmtpSecrets): readonly string[] =>
  bounceToken === undefined
    ? []
    : [bounceToken, ...(bounceTokenBefore === undefined ? [] : [bounceTokenBefore])];

/** Null: no bounces are waited for. */
export const marksOf = (
  { bounces }: SmtpSettings,
  secrets: SmtpSecrets,
  of: { readonly tenant: TenantId; readonly providerId: ProviderId },
): LetterMarks | null => {
  const tokens = tokensOf(secrets);
  return bounces === undefined || tokens.length === 0 ? null : createMarks(tokens, of);
};

const isToken = (given: string, token: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(`Bearer ${token}`)];
  return one.length === other.length && timingSafeEqual(one, other);
};

export const readBounce = (
  { headers, body }: Callback,
  options: {
    readonly tenant: TenantId;
    readonly providerId: ProviderId;
    readonly settings: SmtpSettings;
    readonly secrets: SmtpSecrets;
    readonly now: number;
  },
): CallbackResult => {
  const { settings, secrets, now } = options;
  const marks = marksOf(settings, secrets, options);
  if (marks === null) {
    return {
      kind: 'refused',
      reason: 'no bounces were agreed: set bounces and secrets.bounceToken',
    };
  }
  const given = headers['authorization'] ?? '';
  if (!tokensOf(secrets).some((token) => isToken(given, token))) {
    return { kind: 'refused', reason: 'no token for bounces, or another one' };
  }
  try {
    return { kind: 'receipts', receipts: [receiptOf(readReport(body), marks.find, now)] };
  } catch (error) {
    if (!(error instanceof LetterUnreadable)) throw error;
    return { kind: 'unreadable', reason: error.message };
  }
};
