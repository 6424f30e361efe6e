/**
 * Shapes that the arguments of conditions and rewards are made of, and the tests that go with them.
 */
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import type { Attributes } from './basketLines.js';

/** A word that operators choose: a tier, a segment, a series. */
export const Name = Type.String({ minLength: 1, maxLength: 100 });

export const list = <Item extends TSchema>(item: Item, description: string) =>
  Type.Array(item, { minItems: 1, maxItems: 1_000, uniqueItems: true, description });

/** Both ends belong to it; one may be left open. */
export const rangeOf = (unit: string, maximum = 1_000_000_000_000) => ({
  min: Type.Optional(Type.Integer({ minimum: 0, maximum, description: `At least, ${unit}` })),
  max: Type.Optional(Type.Integer({ minimum: 0, maximum, description: `At most, ${unit}` })),
});

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

export const isWithin = (value: number, { min, max }: Range): boolean =>
  (min === undefined || value >= min) && (max === undefined || value <= max);

/** Share of a whole: 10000 is all of it. */
export const BasisPoints = Type.Integer({
  minimum: 1,
  maximum: 10_000,
  description: 'Hundredths of a percent: 1000 is 10 %',
});

const Scalar = Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]);

/** How an attribute is asked about: one of some values, within a range, or being there at all. */
export const attributeArguments = {
  name: Name,
  oneOf: Type.Optional(Type.Array(Scalar, { minItems: 1, maxItems: 1_000 })),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
};
type AttributeQuestion = {
  readonly [Key in keyof typeof attributeArguments]?: Static<(typeof attributeArguments)[Key]>;
} & { readonly name: string };

export const attributeTest = ({
  name,
  oneOf,
  min,
  max,
}: AttributeQuestion): ((attributes: Attributes | undefined) => boolean) => {
  const values = oneOf && new Set(oneOf);
  const ranged = min !== undefined || max !== undefined;
  return (attributes) => {
    if (attributes === undefined || !Object.hasOwn(attributes, name)) return false;
    const value = attributes[name];
    if (value === undefined) return false;
    if (values && !values.has(value)) return false;
    if (!ranged) return true;
    return typeof value === 'number' && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  };
};
