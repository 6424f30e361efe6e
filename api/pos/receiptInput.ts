/**
 * From the body of a till to the input of a command, and back: who acts comes from the credentials, quantities become thousandths.
 *
 * The body was parsed for this request alone, so it is changed in place: the confirm of a purchase passes here.
 */
import type { Static, TObject, TSchema } from '@sinclair/typebox';
import { assertValid, InvalidInput } from '../../commands/validation.js';
import type { Applied } from '../../domain/pricing/priced.js';
import { Rejected } from '../../domain/rejected.js';
import { actingTill } from '../auth/access.js';
import { isRecord } from '../input.js';
import type { ApiRequest } from '../route.js';
import { fromThousandths, outside, thousandths, wireFaults } from '../wire.js';

/** What the credentials say and the body must not. */
const ofTill = ['merchantId', 'pointOfSaleId', 'tillId'] as const;

/** The body that a till sends for a command: its input without what the path and the credentials say. */
export const bodyOf = (input: TObject, params: readonly string[], title: string): TSchema =>
  ({ ...outside(input, [...params, ...ofTill]), title }) as unknown as TSchema;

/**
 * `schema` is the command's, which checks the input: here it only helps to name every fault at once.
 * @throws InvalidInput where the body says again what the path or the credentials say.
 */
export const receiptInput = <Schema extends TSchema>(
  request: ApiRequest<object, unknown, unknown>,
  schema: Schema,
): Static<Schema> => {
  const { params, caller } = request;
  const body = request.body as Record<string, unknown>;
  const { lines } = body;
  if (Array.isArray(lines)) for (const line of lines) exact(line);
  const till = actingTill(caller);
  for (const name in params)
    if (Object.hasOwn(body, name)) throw saidAgain(body, till, params, schema);
  for (const name of ofTill)
    if (Object.hasOwn(body, name)) throw saidAgain(body, till, params, schema);
  for (const name in params) body[name] = (params as Record<string, unknown>)[name];
  body['merchantId'] = till.merchantId;
  body['pointOfSaleId'] = till.pointOfSaleId;
  body['tillId'] = till.tillId;
  return body;
};

const saidAgain = (
  body: object,
  { merchantId, pointOfSaleId, tillId }: ReturnType<typeof actingTill>,
  params: object,
  schema: TSchema,
): InvalidInput => {
  const fault = (name: string, reason: string) => ({ in: 'body', pointer: `/${name}`, reason });
  const known = [
    ...Object.keys(params).map((name) => fault(name, 'is part of the path: leave it out')),
    ...ofTill.map((name) => fault(name, 'is said by the token of the till: leave it out')),
  ].filter(({ pointer }) => Object.hasOwn(body, pointer.slice(1)));
  try {
    assertValid(schema, { ...body, merchantId, pointOfSaleId, tillId, ...params });
  } catch (error) {
    if (error instanceof InvalidInput) return new InvalidInput([...known, ...error.faults]);
  }
  return new InvalidInput(known);
};

const exact = (line: unknown): void => {
  if (isRecord(line) && 'quantity' in line) line['quantity'] = thousandths(line['quantity']);
};

interface Counted {
  readonly quantity: number;
}
type Line = Counted & { readonly units?: readonly Counted[] };
type WithLines = {
  readonly lines: readonly Line[];
  readonly applied?: readonly Pick<Applied, 'effects'>[];
};

/** An answer with quantities as they look outside. */
export const shownLines = <Answer extends WithLines>(answer: Answer): Answer => {
  // Pushed, not mapped: the array that map makes has room for holes, and JSON.stringify takes its slow way through it.
  const lines: Line[] = [];
  for (const line of answer.lines) lines.push(shownLine(line));
  const shown: Answer & { lines: readonly Line[]; applied?: unknown } = { ...answer };
  shown.lines = lines;
  if (answer.applied?.length) shown.applied = answer.applied.map(shownEffects);
  return shown;
};

/** Copied and then changed: cheaper by far than a copy that is spread with the change. */
const shownLine = (line: Line): Line => {
  const shown: { quantity: number; units?: readonly Counted[] } = { ...line };
  shown.quantity = fromThousandths(line.quantity);
  if (line.units) shown.units = line.units.map(shownLine);
  return shown;
};

const shownEffects = (campaign: Pick<Applied, 'effects'>) => ({
  ...campaign,
  effects: campaign.effects.map((effect) =>
    effect.kind === 'gift' ? { ...effect, quantity: fromThousandths(effect.quantity) } : effect,
  ),
});

/** Quantities that a refusal names, and the quote that comes with `price-changed`, as they look outside. */
export const receiptError = (error: unknown): unknown => {
  if (error instanceof InvalidInput) return new InvalidInput(wireFaults(error.faults));
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
