/** Whether what came is a CloudEvent at all: what is printed as an event is one. */
import { publicationsOf } from '../../api/exchange/cloudEvents.js';
import { isValid } from '../../commands/validation.js';
import { Publication } from '../../domain/publication/publication.js';

/** @throws Error that says what is wrong with it. */
export const verifiedEvent = (event: Readonly<Record<string, unknown>>): Publication => {
  const sent = { mediaType: 'application/cloudevents+json', headers: {}, body: event };
  const [publication] = publicationsOf(sent, { id: '', source: '' });
  if (publication === undefined || !isValid(Publication, publication)) {
    throw new Error('it is not a CloudEvent as the exchange makes them');
  }
  return publication;
};
