/** A publication as its receivers see it: the same whether they pull it or it is streamed to them. */
import { Type } from '@sinclair/typebox';
import type { PulledItem } from '../../commands/publication/pull.js';
import { cloudEventOf } from '../../domain/publication/publication.js';

export const Place = Type.Integer({
  minimum: 0,
  description: 'Among all of the topic, without gaps',
});

export const ShownItem = Type.Object({
  place: Place,
  publishedAt: Type.String({ format: 'date-time' }),
  event: Type.Object({}, { additionalProperties: true, description: 'A CloudEvent' }),
});

export const shownItem = ({ place, publishedAt, publication }: PulledItem) => ({
  place,
  publishedAt: new Date(publishedAt).toISOString(),
  event: cloudEventOf(publication),
});
