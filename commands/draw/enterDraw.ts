/** Enters a customer into a draw: for a purchase, which a worker asks for, or by hand. One cause enters once. */
import { Type } from '@sinclair/typebox';
import { enterDraw as decide, withdrawEntry as withdraw } from '../../domain/draw/decide.js';
import { draw, DrawEntered, DrawId, drawStream } from '../../domain/draw/draw.js';
import { defineCommand } from '../command.js';
import type { Seeds } from '../seeds.js';

const closed = { additionalProperties: false } as const;
const { userId, entries, cause, at } = DrawEntered.schema.properties;

export const createEnterDraw = (seeds: Seeds) =>
  defineCommand({
    name: 'EnterDraw',
    summary: 'Enters a customer into a prize draw.',
    input: Type.Object(
      { drawId: DrawId, userId, entries, cause, at: Type.Optional(at) },
      { ...closed, title: 'EnterDraw' },
    ),
    aggregate: draw,
    stream: (input, context) => drawStream(context.tenant, input.drawId),
    lookUp: (input, { tenant }) => seeds.participant(tenant, input.drawId, input.userId),
    decide: (input, state, participant, { now }) => {
      const { userId: who, entries: count, cause: why, at: when = now } = input;
      return decide({ participant, userId: who, entries: count, cause: why, at: when }, state);
    },
    answer: ({ events, input, found }) => {
      const [event] = events;
      const participant = event?.type === 'DrawEntered' ? event.data.participant : (found ?? '');
      const { drawId, entries: count, cause: why } = input;
      return { drawId, participant, entries: count, cause: why };
    },
  });

export const withdrawEntry = defineCommand({
  name: 'WithdrawDrawEntry',
  summary: 'Takes back the entries of a purchase that was returned before the draw closed.',
  input: Type.Object({ drawId: DrawId, userId, cause }, { ...closed, title: 'WithdrawDrawEntry' }),
  aggregate: draw,
  stream: (input, context) => drawStream(context.tenant, input.drawId),
  lookUp: () => undefined,
  decide: (input, state) => withdraw(input, state),
  answer: () => null,
});
