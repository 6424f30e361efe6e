import { Type } from '@sinclair/typebox';
import { receiptCondition } from '../condition.js';

const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', examples: ['2026-03-08'] });

export const dates = receiptCondition(
  'dates',
  "Today is between these days, both included, by the merchant's calendar.",
  { from: Type.Optional(Day), until: Type.Optional(Day) },
  {
    compile:
      ({ from = '', until = '9999-12-31' }) =>
      ({ local }) =>
        local.date >= from && local.date <= until,
  },
);
