/** The body of every revocation: why, for those who read the history. */
import { Type } from '@sinclair/typebox';

export const Reason = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, examples: ['closed for good'] }) },
  { additionalProperties: false, title: 'Reason' },
);

export const Status = Type.Union([Type.Literal('active'), Type.Literal('revoked')]);
