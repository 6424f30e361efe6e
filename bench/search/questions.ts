/** One question of each kind; `n` runs through the messages, so that no answer is asked for twice in a row. */
import type { PublicationSearch } from '../../projections/publications/search.js';
import { begun, brandOf, priceOf, tenant, topicId } from './messages.js';

type Asked = Partial<PublicationSearch>;

const kinds: Readonly<Record<string, (n: number, size: number) => Asked>> = {
  'the latest': () => ({}),
  'of a type, 2 % of all': () => ({ attributes: { type: 'car.sold' } }),
  'of a subject': (n) => ({ attributes: { subject: `car:${n % 5_000}` } }),
  'of a key': (n) => ({ attributes: { key: `customer:${n % 20_000}` } }),
  'by the id of the event': (n) => ({ attributes: { eventId: `choice-${n}` } }),
  'published in an hour': (n) => {
    const from = begun + n * 1_000;
    return { published: { from, to: from + 3_600_000 } };
  },
  'by the order of its time': () => ({ sort: 'time' }),
  'a path, one of eight': (n) => ({ where: { path: 'car.brand', eq: brandOf(n) } }),
  'a path, rare': (n) => ({ where: { path: 'price', eq: priceOf(n) } }),
  'a path, a range of 0.2 %': (n) => ({
    where: { path: 'price', gte: priceOf(n), lt: priceOf(n) + 100 },
  }),
  'a prefix of a text': (n) => ({ where: { path: 'car.model', prefix: `M${n % 10}` } }),
  'a rare word': (n) => ({ text: String(n) }),
  'two frequent words': (n) => ({ text: `${brandOf(n)} red` }),
  'the beginning of a word': (n) => ({ text: `${brandOf(n).slice(0, 3)}*` }),
  'word, path and type': (n) => ({
    text: 'tow',
    where: { path: 'car.year', gte: 2020 },
    attributes: { type: n % 2 ? 'car.tried' : 'car.chosen' },
  }),
  'a page in the middle': (n, size) => ({
    after: Buffer.from(
      JSON.stringify(['-place', '', String(Math.floor(size / 2) + (n % 100))]),
    ).toString('base64url'),
  }),
  'nothing, by a path that none has': () => ({ where: { path: 'missing', eq: 1 } }),
  'not of a brand': (n) => ({ where: { path: 'car.brand', ne: brandOf(n) } }),
};

export const questions = Object.entries(kinds).map(([kind, ask]) => ({
  kind,
  ask: (n: number, size: number): PublicationSearch => ({
    tenant,
    topicId,
    visible: {},
    sort: 'place',
    descending: true,
    limit: 50,
    deadlineMs: 10_000,
    now: begun,
    ...ask(n, size),
  }),
}));
