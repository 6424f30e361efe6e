/** A publication as its receivers see it: the same whether they pull it or it is streamed to them. */
import { Type } from '@sinclair/typebox';
import type { PulledItem } from '../../commands/publication/pull.js';
import { cloudEventOf } from '../../domain/publication/publication.js';
import { SchemaVersion } from '../../domain/topic/schemas.js';
import { Classification } from '../../domain/topic/topic.js';

export const Place = Type.Integer({
  minimum: 0,
  description: 'Among all of the topic, without gaps',
});

export const ShownItem = Type.Object({
  place: Place,
  publishedAt: Type.String({ format: 'date-time' }),
  handling: Type.Optional(
    Type.Object(
      {
        classification: Classification,
        schemaVersion: Type.Optional(SchemaVersion),
        expiresAt: Type.Optional(
          Type.String({ format: 'date-time', description: 'It is shown to nobody from then on' }),
        ),
      },
      { description: 'How it was judged, and how careful its receivers have to be' },
    ),
  ),
  event: Type.Object({}, { additionalProperties: true, description: 'A CloudEvent' }),
});

export const shownItem = ({ place, publishedAt, publication, handling }: PulledItem) => ({
  place,
  publishedAt: new Date(publishedAt).toISOString(),
  ...(handling ? { handling } : {}),
  event: cloudEventOf(publication),
});
