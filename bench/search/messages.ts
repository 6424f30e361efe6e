/** Publications of a car dealer, made up and the same each time: a few brands, many customers, words as people write them. */
import type { Fact } from '../../domain/fact.js';
import type { TenantId, TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';

export const tenant = 'bench' as TenantId;
export const topicId = 'cars' as TopicId;
/** Of the first; each later one a second after. */
export const begun = Date.parse('2026-01-01T00:00:00Z');

const brands = ['Lada', 'Volvo', 'Škoda', 'Saab', 'Tatra', 'Fiat', 'Dacia', 'Ford'] as const;
const colours = ['red', 'blue', 'white', 'black', 'green', 'grey'] as const;
const cities = ['Brno', 'Praha', 'Plzeň', 'Ostrava', 'Olomouc'] as const;

export const brandOf = (n: number): string => brands[n % 8] ?? '';
export const priceOf = (n: number): number => 1_000 + ((n * 7_919) % 50_000);

const dataOf = (n: number) => ({
  car: { brand: brandOf(n), model: `M${n % 40}`, year: 2000 + (n % 26), colour: colours[n % 6] },
  price: priceOf(n),
  city: cities[n % 5],
  customer: { id: n % 20_000, returning: n % 3 === 0 },
  note: `A ${colours[n % 6]} ${brandOf(n)}, offer ${n}, seen in ${cities[n % 5]} with a tow bar`,
});

/** About 500 bytes as JSON. */
export const messageOf = (n: number): Fact => ({
  id: `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`,
  type: 'EventPublished',
  stream: publicationsStream(tenant, topicId),
  revision: n,
  position: BigInt(n + 1),
  recordedAt: begun + n * 1_000,
  data: {
    partnerId: 'motor_house',
    publication: {
      id: `choice-${n}`,
      source: '/sites/motor-house',
      type: n % 50 === 0 ? 'car.sold' : n % 5 === 0 ? 'car.tried' : 'car.chosen',
      subject: `car:${n % 5_000}`,
      key: `customer:${n % 20_000}`,
      time: new Date(begun + n * 1_000 - ((n * 31) % 3_600) * 1_000).toISOString(),
      data: dataOf(n),
    },
  },
  metadata: {
    tenant,
    actor: { kind: 'partner', id: 'motor_house' },
    correlationId: 'c',
    causationId: 'c',
    commandId: 'c',
    occurredAt: new Date(begun + n * 1_000).toISOString(),
    schemaVersion: 1,
    fingerprint: 'f',
  },
});
