/** Arguments that all offers on sets of units have in common. */
import { Type } from '@sinclair/typebox';

export const Sets = Type.Integer({
  minimum: 1,
  maximum: 1_000,
  description: 'Sets on one receipt, at most',
});

export const Spread = Type.Union([Type.Literal('rewarded'), Type.Literal('set')], {
  description:
    'rewarded (where left out): the discount lies on the units that are free or cheaper; set: on every unit of the set by its price, so that returning a paid one keeps the offer fair',
});
