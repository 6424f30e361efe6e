import { Type } from '@sinclair/typebox';
import { Name } from '../arguments.js';
import { gameReward } from '../reward.js';

export const couponGrant = gameReward(
  'coupon-grant',
  'Gives a known customer coupons of a series, to use another day.',
  { series: Name, quantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) },
  {
    compile:
      ({ series, quantity = 1 }) =>
      ({ facts }) =>
        facts.customer === null ? [] : [{ kind: 'coupon-grant', series, quantity }],
  },
);
