/**
 * How values look outside: quantities as numbers with up to 3 decimals, times as ISO 8601 in UTC, positions as decimal strings.
 * Inside they are thousandths, milliseconds and bigints.
 */
import { type TSchema, Type } from '@sinclair/typebox';
import { Quantity } from '../domain/amount.js';
import type { Fault } from '../commands/validation.js';

export const WireQuantity = Type.Number({
  exclusiveMinimum: 0,
  maximum: 1_000_000,
  description: 'With up to 3 decimals: 2 pieces, 0.345 kg',
  examples: [2],
});
export const Instant = Type.String({
  format: 'date-time',
  description: 'ISO 8601',
  examples: ['2026-03-01T12:00:00.000Z'],
});
export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
export const InstantOrNull = orNull(Instant);
export const PositionText = Type.String({
  pattern: '^[0-9]{1,20}$',
  description: 'A place in the log',
});

export const instantOf = (ms: number): string => new Date(ms).toISOString();
export const instantOrNull = (ms: number | null): string | null =>
  ms === null ? null : instantOf(ms);

/** Of a number with up to 3 decimals exactly the thousandths; of anything else something that no schema of a quantity takes. */
export const thousandths = (quantity: unknown): unknown => {
  if (typeof quantity !== 'number') return quantity;
  const rounded = Math.round(quantity * 1000);
  return rounded / 1000 === quantity ? rounded : NaN;
};
export const fromThousandths = (quantity: number): number => quantity / 1000;

/** A command's schema as it looks outside: `left out` fields are those of the path. */
export const outside = <Schema extends TSchema>(
  schema: Schema,
  leftOut: readonly string[] = [],
): TSchema => {
  const properties = Object.entries(schema['properties'] as Record<string, TSchema>)
    .filter(([name]) => !leftOut.includes(name))
    .map(([name, property]) => [name, wired(property)]);
  const required = ((schema['required'] as string[] | undefined) ?? []).filter(
    (name) => !leftOut.includes(name),
  );
  return { ...schema, properties: Object.fromEntries(properties), required } as unknown as TSchema;
};

const wired = (schema: TSchema): TSchema => {
  if (schema.description === Quantity.description) return WireQuantity;
  if (schema['type'] === 'object' && schema['properties']) return outside(schema);
  if (schema['type'] === 'array') {
    return { ...schema, items: wired(schema['items'] as TSchema) } as unknown as TSchema;
  }
  if (Array.isArray(schema['anyOf'])) {
    const anyOf = (schema['anyOf'] as TSchema[]).map((option) => wired(option));
    return { ...schema, anyOf } as unknown as TSchema;
  }
  return schema;
};
/** What a command says of converted fields, said of what was sent; each once. */
export const wireFaults = (faults: readonly Fault[]): Fault[] => {
  const said = new Map(
    faults.map(wireFault).map((fault) => [`${fault.pointer} ${fault.reason}`, fault]),
  );
  return [...said.values()];
};

const wireFault = (fault: Fault): Fault => {
  const last = fault.pointer.slice(fault.pointer.lastIndexOf('/') + 1);
  const present = fault.reason !== 'is missing' && fault.reason !== 'is not a known field';
  if (!present) return fault;
  if (last === 'quantity') {
    const reason = 'must be a number above 0, at most 1000000, with at most 3 decimals';
    return { ...fault, reason };
  }
  if (last === 'occurredAt') {
    return { ...fault, reason: 'must be a time in ISO 8601 such as 2026-03-01T12:00:00Z' };
  }
  return fault;
};
