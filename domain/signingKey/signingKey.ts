/**
 * The end of a key that tokens are signed with, before its time. Keys come and go by their age without a word in the log; that one
 * was given up, by whom and why is a fact, and being one it is known to every process as soon as the log has it. The keys
 * themselves are no facts and are kept elsewhere (commands/signingKeys.ts). Invariant: a revoked key is never good again.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { streamName } from '../stream.js';

export const signingKeyStream = (tenant: TenantId, kid: string) =>
  streamName('signingkey', tenant, kid);

/** RFC 7638 thumbprint: SHA-256, base64url. */
export const KeyId = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  description: 'Of a key: its thumbprint (RFC 7638), `kid` in the header of a token',
  examples: ['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
});

// This name is the storage format: proof-read, version with care.
export const SigningKeyRevoked = event('SigningKeyRevoked', {
  kid: KeyId,
  reason: Type.String({ maxLength: 500 }),
});

export const signingKeyEvents = [SigningKeyRevoked] as const;
export type SigningKeyEvent = EventOf<(typeof signingKeyEvents)[number]>;

export type SigningKeyFate = 'open' | 'revoked';

export const signingKey: Aggregate<SigningKeyFate, SigningKeyEvent> = {
  category: 'signingkey',
  initial: () => 'open',
  evolve: () => 'revoked',
};

export const revokeSigningKey = (
  command: EventOf<typeof SigningKeyRevoked>['data'],
  state: SigningKeyFate,
): SigningKeyEvent[] => (state === 'revoked' ? [] : [{ type: 'SigningKeyRevoked', data: command }]);
