/** Announces a prize draw and publishes the hash of its seed, before anybody can enter. */
import { Type } from '@sinclair/typebox';
import { announceDraw as decide } from '../../domain/draw/decide.js';
import { draw, DrawId, drawStream, DrawTerms } from '../../domain/draw/draw.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';
import type { Seeds } from '../seeds.js';

export const AnnounceDrawInput = Type.Object(
  { drawId: DrawId, terms: DrawTerms },
  { additionalProperties: false, title: 'AnnounceDraw' },
);

export const createAnnounceDraw = (seeds: Seeds) =>
  defineCommand({
    name: 'AnnounceDraw',
    summary: 'Announces a prize draw with the hash of its seed.',
    input: AnnounceDrawInput,
    aggregate: draw,
    stream: (input, context) => drawStream(context.tenant, input.drawId),
    lookUp: async ({ drawId }, { tenant }, { directory }) => {
      presentTenant(directory, tenant);
      return seeds.of(tenant, 'draw', drawId);
    },
    decide: (input, state, { seedHash }, { now }) => decide({ ...input, seedHash, now }, state),
    answer: ({ state, input }) => ({
      ...input,
      seedHash: state.announced?.seedHash ?? '',
      status: 'announced' as const,
    }),
  });
