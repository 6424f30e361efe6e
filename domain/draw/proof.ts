/**
 * The proof of a draw: everything that is needed to check it, and no person in it. Published as it is; `kopilka draw verify`
 * reads nothing else.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { type Draw, DrawAnnounced, DrawClosed, Participant } from './draw.js';

const closed = { additionalProperties: false } as const;
const { drawId, seedHash, terms } = DrawAnnounced.schema.properties;
const { name, prizes, beacon } = terms.properties;
const Instant = Type.String({ format: 'date-time' });
const { entriesHash } = DrawClosed.schema.properties;

export const DrawProof = Type.Object(
  {
    format: Type.Literal('kopilka-draw-proof/1'),
    tenant: Type.String(),
    drawId,
    name,
    opens: Instant,
    closes: Instant,
    prizes,
    seedHash,
    /** Where the public value was to be read from, and the value. */
    beacon: Type.Optional(Type.Object({ source: beacon, value: Type.String() }, closed)),
    /** Participant and entries, in the order in which they came in. */
    entries: Type.Array(Type.Tuple([Participant, Type.Integer({ minimum: 1 })])),
    entriesHash,
    seed: seedHash,
    winners: Type.Array(
      Type.Object(
        { prize: Type.String(), entry: Type.Integer({ minimum: 0 }), participant: Participant },
        closed,
      ),
    ),
  },
  { ...closed, title: 'DrawProof' },
);
export type DrawProof = Static<typeof DrawProof>;

const iso = (at: number): string => new Date(at).toISOString();

/** @throws Rejected draw-not-found, draw-not-decided: before that the seed is nobody's to know */
export const proofOf = (tenant: TenantId, draw: Draw): DrawProof => {
  const { announced, closed: end, decided } = draw;
  if (!announced) throw rejected('draw-not-found');
  if (!end || !decided) throw rejected('draw-not-decided', { drawId: announced.drawId });
  const { drawId: id, seedHash: hash, terms: agreed } = announced;
  const source = agreed.beacon;
  return {
    format: 'kopilka-draw-proof/1',
    tenant,
    drawId: id,
    name: agreed.name,
    opens: iso(agreed.opens),
    closes: iso(agreed.closes),
    prizes: agreed.prizes,
    seedHash: hash,
    ...(source === undefined ? {} : { beacon: { source, value: decided.beacon ?? '' } }),
    entries: [...draw.entries.values()].map(({ participant, entries }) => [participant, entries]),
    entriesHash: end.entriesHash,
    seed: decided.seed,
    winners: decided.winners.map(({ prize, entry, participant }) => ({
      prize,
      entry,
      participant,
    })),
  };
};
