import { Type } from '@sinclair/typebox';
import { list } from '../arguments.js';
import { receiptCondition } from '../condition.js';
import { weekdays, type Weekday } from '../localTime.js';

const Day = Type.Unsafe<Weekday>(Type.String({ enum: [...weekdays] }));

export const weekday = receiptCondition(
  'weekday',
  "Today is one of these days, by the merchant's clock.",
  { days: list(Day, 'mon, tue, wed, thu, fri, sat, sun') },
  {
    compile: ({ days }) => {
      const set = new Set(days);
      return ({ local }) => set.has(local.weekday);
    },
    hint: ({ days }) => ({ by: 'weekday', values: days }),
  },
);
