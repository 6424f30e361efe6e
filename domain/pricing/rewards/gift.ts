import { Type } from '@sinclair/typebox';
import { list } from '../arguments.js';
import type { Effect } from '../effects.js';
import { cheapestFirst, countOf, pickOf, takeUnits, unitsOf } from '../goods.js';
import { discountReward } from '../reward.js';
import { ProductId } from '../../ids.js';

export const gift = discountReward(
  'gift',
  'Units of one of these products are a gift: free where they are on the receipt, offered to the cashier where they are not.',
  {
    productIds: list(ProductId, 'The customer may choose one of them'),
    units: Type.Integer({ minimum: 1, maximum: 100 }),
  },
  {
    turn: () => 'lines',
    compile: ({ productIds, units }) => {
      const gifts = new Set<string>(productIds);
      return ({ facts, goods }) => {
        const lines = facts.lines.flatMap(({ productId }, index) =>
          gifts.has(productId) ? [index] : [],
        );
        const { taken } = takeUnits(cheapestFirst(unitsOf(goods, lines)), units);
        const picks = taken.map((unit) => pickOf(unit, unit.left));
        const offered = units - countOf(taken);
        const effects: Effect[] =
          offered > 0 ? [{ kind: 'gift', productIds, quantity: offered * 1_000 }] : [];
        return { picks, effects };
      };
    },
  },
);
