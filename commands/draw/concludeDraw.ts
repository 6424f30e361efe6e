/** The end of a draw: closed over its entries, then decided with its seed revealed; or cancelled while it was still open. */
import { Type } from '@sinclair/typebox';
import {
  cancelDraw as cancel,
  closeDraw as close,
  decideDraw as decide,
} from '../../domain/draw/decide.js';
import { type Draw, draw, DrawId, drawStream } from '../../domain/draw/draw.js';
import { type CommandContext, defineCommand } from '../command.js';
import { type Seeds, sha256 } from '../seeds.js';

const closed = { additionalProperties: false } as const;
const streamOf = ({ drawId }: { readonly drawId: DrawId }, { tenant }: CommandContext) =>
  drawStream(tenant, drawId);

const concluded = (drawId: DrawId, state: Draw) => ({
  drawId,
  status: state.status === 'unknown' ? ('announced' as const) : state.status,
  entriesHash: state.closed?.entriesHash ?? null,
  count: state.closed?.count ?? null,
  entries: state.closed?.entries ?? null,
  winners: (state.decided?.winners ?? []).map((winner) => ({ ...winner })),
});

export const closeDraw = defineCommand({
  name: 'CloseDraw',
  summary: 'Closes a prize draw and publishes the hash over its entries.',
  input: Type.Object({ drawId: DrawId }, { ...closed, title: 'CloseDraw' }),
  aggregate: draw,
  stream: streamOf,
  lookUp: () => undefined,
  decide: (_input, state, _found, { now }) => close({ now, hash: sha256 }, state),
  answer: ({ input, state }) => concluded(input.drawId, state),
});

export const createDecideDraw = (seeds: Seeds) =>
  defineCommand({
    name: 'DecideDraw',
    summary: 'Reveals the seed of a closed draw, and the winners that follow from it.',
    input: Type.Object(
      { drawId: DrawId, beacon: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })) },
      { ...closed, title: 'DecideDraw' },
    ),
    aggregate: draw,
    stream: streamOf,
    lookUp: async ({ drawId }, { tenant }) => seeds.of(tenant, 'draw', drawId),
    decide: ({ beacon }, state, { seed, hash }) =>
      decide({ seed, hash, ...(beacon === undefined ? {} : { beacon }) }, state),
    answer: ({ input, state }) => concluded(input.drawId, state),
  });

export const cancelDraw = defineCommand({
  name: 'CancelDraw',
  summary: 'Cancels a prize draw that has not closed yet.',
  input: Type.Object(
    { drawId: DrawId, reason: Type.String({ minLength: 1, maxLength: 500 }) },
    { ...closed, title: 'CancelDraw' },
  ),
  aggregate: draw,
  stream: streamOf,
  lookUp: () => undefined,
  decide: (input, state) => cancel(input, state),
  answer: ({ input, state }) => concluded(input.drawId, state),
});
