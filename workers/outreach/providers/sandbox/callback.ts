/** A call of the sandbox to us: receipts as JSON, let in by the token that was agreed. */
import { timingSafeEqual } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { isValid } from '../../../../commands/validation.js';
import { ErrorClass } from '../../../../domain/message/kinds.js';
import type { Callback, CallbackResult, Receipt } from '../port.js';
import type { SandboxSecrets } from './settings.js';

const optional = Type.Optional;
const Report = Type.Object({
  receipts: Type.Array(
    Type.Object({
      clientReference: optional(Type.String({ maxLength: 64 })),
      providerReference: optional(Type.String({ maxLength: 200 })),
      status: Type.Union(
        ['deliveredToOperator', 'delivered', 'undelivered', 'seen', 'read', 'clicked'].map((name) =>
          Type.Literal(name),
        ),
      ),
      errorClass: optional(ErrorClass),
      code: optional(Type.String({ maxLength: 80 })),
      text: optional(Type.String({ maxLength: 500 })),
      at: Type.Integer({ minimum: 0 }),
    }),
    { maxItems: 1_000 },
  ),
});

const isToken = (given: string | undefined, token: string): boolean => {
  const one = Buffer.from(given ?? '');
  const other = Buffer.from(`Bearer ${token}`);
  return one.length === other.length && timingSafeEqual(one, other);
};

export const sandboxCallback = (
  { headers, body }: Callback,
  { secrets }: { readonly secrets: SandboxSecrets },
): CallbackResult => {
  const { callbackToken } = secrets;
  if (callbackToken === undefined || !isToken(headers['authorization'], callbackToken)) {
    return { kind: 'refused', reason: 'no callback token, or another one' };
  }
  let report: unknown;
  try {
    report = JSON.parse(body.toString());
  } catch {
    return { kind: 'refused', reason: 'the body is no JSON' };
  }
  if (!isValid(Report, report)) return { kind: 'refused', reason: 'the body is no report' };
  return { kind: 'receipts', receipts: (report as { receipts: readonly Receipt[] }).receipts };
};
