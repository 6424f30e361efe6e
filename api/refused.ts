/**
 * What the HTTP layer itself refuses, before or beside a decision of the domain: credentials, form, limits.
 *
 * The table of codes with titles is here, as domain/rejected.ts has those of the domain; the statuses are in problemCodes.ts alone.
 */
export const refusals = {
  'body-missing': 'The request needs a body',
  'body-too-deep': 'The body is nested too deeply',
  'body-too-large': 'The body is too large',
  'body-unexpected': 'The request takes no body',
  'broken-json': 'The body is not valid JSON',
  'credentials-invalid': 'The credentials are not valid',
  'credentials-missing': 'The request carries no credentials',
  'foreign-tenant': 'The app and the till belong to different tenants',
  forbidden: 'The credentials do not allow this',
  'headers-too-large': 'The headers of the request are too large',
  'home-programme': 'The installation is run from this programme',
  'idempotency-key-missing': 'The request needs an Idempotency-Key header',
  'identity-mismatch': 'The headers of a gateway name somebody else than the token',
  'internal-error': 'Something went wrong on our side',
  'invalid-input': 'The request is not valid',
  'history-too-long': 'The stream is too long to be searched in one request',
  'job-running': 'Such work is going on already',
  'log-unavailable': 'The log does not answer at the moment',
  'malformed-request': 'This is not a valid HTTP request',
  'merchant-revoked': 'The merchant left the programme',
  'method-not-allowed': 'The resource does not know this method',
  'not-found': 'There is nothing at this address',
  'point-of-sale-revoked': 'The point of sale was closed',
  'position-not-reached': 'The read model has not reached the position yet',
  'rate-limited': 'Too many requests',
  'read-model-unavailable': 'The read models do not answer at the moment',
  'request-timeout': 'The request took too long',
  'search-too-costly': 'The search would take too long',
  'service-unavailable': 'The service behind the gateway does not answer',
  stopping: 'This process is stopping',
  'tenant-revoked': 'The programme was closed',
  'till-token-missing': 'An app acts for a till only with the token of that till',
  'token-expired': 'The token has expired',
  'token-revoked': 'The token was revoked',
  'too-many-streams': 'So many streams are open already as may be at a time',
  'unsupported-media-type': 'The body must be JSON',
  'version-conflict': 'The same thing was changed by somebody else at the same time',
} as const satisfies Record<string, string>;

export type RefusalCode = keyof typeof refusals;

export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly code: RefusalCode,
    /** One sentence on what to do next. */
    readonly advice: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${refusals[code]}. ${advice}`);
  }
}

export const refused = (
  code: RefusalCode,
  advice: string,
  details?: Readonly<Record<string, unknown>>,
  headers?: Readonly<Record<string, string>>,
): Refused => new Refused(code, advice, details, headers);
