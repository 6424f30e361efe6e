/**
 * What is appended and who listens to what. Fifty categories of streams and fifty families of types, drawn so that every filter below
 * lets through one event in fifty: a hundred subscribers together get twice what is appended.
 */
import { eventTypeFilter, type Filter, streamNameFilter } from '@eventstore/db-client';

export const kindsOfEach = 50;

export interface Drawn {
  readonly category: number;
  readonly family: number;
}

/** The `number`-th event; category and family take all pairs in turn. */
export const drawn = (number: number): Drawn => ({
  category: number % kindsOfEach,
  family: Math.floor(number / kindsOfEach) % kindsOfEach,
});

const twoDigits = (value: number): string => String(value).padStart(2, '0');
export const categoryName = (category: number): string => `fan${twoDigits(category)}`;
export const typeName = (family: number): string => `Fan${twoDigits(family)}Happened`;

export interface Listener {
  readonly filter: Filter;
  wants(event: Drawn): boolean;
}

/** By type prefixes, by stream prefixes, by expressions on either: the kinds of filter in turn. */
export const listener = (index: number): Listener => {
  const own = index % kindsOfEach;
  const type = `Fan${twoDigits(own)}`;
  const stream = `${categoryName(own)}-`;
  switch (index % 4) {
    case 0:
      return {
        filter: eventTypeFilter({ prefixes: [type, `Never${own}`] }),
        wants: ({ family }) => family === own,
      };
    case 1:
      return {
        filter: streamNameFilter({ prefixes: [stream, `never${own}-`] }),
        wants: ({ category }) => category === own,
      };
    case 2:
      return {
        filter: eventTypeFilter({ regex: `^${type}[A-Z]` }),
        wants: ({ family }) => family === own,
      };
    default:
      return {
        filter: streamNameFilter({ regex: `^${stream}\\d+` }),
        wants: ({ category }) => category === own,
      };
  }
};

/** Lets nothing through, and is another filter for every index. */
export const deafListener = (index: number): Listener => ({
  filter:
    index % 2 === 0
      ? eventTypeFilter({ prefixes: [`Unheard${index}`] })
      : streamNameFilter({ prefixes: [`unheard${index}-`] }),
  wants: () => false,
});
