/**
 * From the body of a till to the input of a command, and back: who acts comes from the credentials, quantities become thousandths.
 *
 * The body was parsed for this request alone, so its lines are changed in place: the confirm of a purchase passes here.
 */
import type { TObject, TSchema } from '@sinclair/typebox';
import { InvalidInput } from '../../commands/validation.js';
import { Rejected } from '../../domain/rejected.js';
import { actingTill } from '../auth/access.js';
import { faulty, isRecord } from '../input.js';
import type { ApiRequest } from '../route.js';
import { fromThousandths, outside, thousandths, wireFault } from '../wire.js';

/** What the credentials say and the body must not. */
const ofTill = ['merchantId', 'pointOfSaleId', 'tillId'] as const;

/** The body that a till sends for a command: its input without what the path and the credentials say. */
export const bodyOf = (input: TObject, params: readonly string[], title: string): TSchema =>
  ({ ...outside(input, [...params, ...ofTill]), title }) as unknown as TSchema;

/** @throws InvalidInput where the body says again what the path or the credentials say. */
export const receiptInput = (
  request: ApiRequest<object, unknown, unknown>,
): Record<string, unknown> => {
  const { params, caller } = request;
  const body = request.body as Record<string, unknown>;
  for (const name in params) {
    if (Object.hasOwn(body, name)) {
      throw faulty('body', `/${name}`, 'is part of the path: leave it out of the body');
    }
  }
  for (const name of ofTill) {
    if (Object.hasOwn(body, name)) {
      throw faulty('body', `/${name}`, 'is not a known field: the token of the till says it');
    }
  }
  const { lines } = body;
  if (Array.isArray(lines)) for (const line of lines) exact(line);
  const { merchantId, pointOfSaleId, tillId } = actingTill(caller);
  return { ...params, ...body, merchantId, pointOfSaleId, tillId };
};

const exact = (line: unknown): void => {
  if (isRecord(line) && 'quantity' in line) line['quantity'] = thousandths(line['quantity']);
};

interface Counted {
  readonly quantity: number;
}
type WithLines = { readonly lines: readonly Counted[] };

/** An answer with quantities as they look outside. */
export const shownLines = <Answer extends WithLines>(answer: Answer): Answer => ({
  ...answer,
  lines: answer.lines.map((line) => ({ ...line, quantity: fromThousandths(line.quantity) })),
});

/** Quantities that a refusal names, and the quote that comes with `price-changed`, as they look outside. */
export const receiptError = (error: unknown): unknown => {
  if (error instanceof InvalidInput) return new InvalidInput(error.faults.map(wireFault));
  if (error instanceof Rejected) return new Rejected(error.code, shownDetails(error));
  return error;
};

const shownDetails = ({ code, details }: Rejected): Rejected['details'] => {
  const { quote, asked, left } = details;
  if (code === 'price-changed' && isCounted(quote)) return { ...details, quote: shownLines(quote) };
  if (code !== 'return-exceeds-purchase') return details;
  const shown = (quantity: unknown) =>
    typeof quantity === 'number' ? fromThousandths(quantity) : quantity;
  return { ...details, asked: shown(asked), left: shown(left) };
};

const isCounted = (value: unknown): value is WithLines =>
  isRecord(value) && Array.isArray(value['lines']);
