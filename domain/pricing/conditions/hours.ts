import { Type } from '@sinclair/typebox';
import { receiptCondition } from '../condition.js';

const Clock = (description: string) =>
  Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description, examples: ['09:30'] });

const minuteOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

export const hours = receiptCondition(
  'hours',
  "The time of day, by the merchant's clock, is from one time until before another; it may cross midnight.",
  { from: Clock('This minute belongs to it'), until: Clock('This minute does not') },
  {
    compile: ({ from, until }) => {
      const start = minuteOf(from);
      const end = minuteOf(until);
      if (start <= end) return ({ local }) => local.minute >= start && local.minute < end;
      return ({ local }) => local.minute >= start || local.minute < end;
    },
  },
);
