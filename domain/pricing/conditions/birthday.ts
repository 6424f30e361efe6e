import { Type } from '@sinclair/typebox';
import { receiptCondition } from '../condition.js';

const dayMs = 86_400_000;
const Days = Type.Integer({ minimum: 0, maximum: 180 });

/** Of `--05-31` or `1990-05-31`; who was born on 29 February celebrates on the 28th where the year has none. */
const birthdayIn = (year: number, birthday: string): number => {
  const [month, day] = birthday.slice(-5).split('-').map(Number) as [number, number];
  const at = Date.UTC(year, month - 1, day);
  return new Date(at).getUTCMonth() === month - 1 ? at : Date.UTC(year, month, 0);
};

export const birthday = receiptCondition(
  'birthday',
  "Today is within so many days before and after the customer's birthday, by the merchant's calendar.",
  { daysBefore: Days, daysAfter: Days },
  {
    compile:
      ({ daysBefore, daysAfter }) =>
      ({ local, customer }) => {
        if (!customer?.birthday) return false;
        const today = Date.parse(local.date);
        const thisYear = Number(local.date.slice(0, 4));
        // The window of the year before or after may reach into this one.
        for (let year = thisYear - 1; year <= thisYear + 1; year += 1) {
          const day = birthdayIn(year, customer.birthday);
          if (today >= day - daysBefore * dayMs && today <= day + daysAfter * dayMs) return true;
        }
        return false;
      },
  },
);
