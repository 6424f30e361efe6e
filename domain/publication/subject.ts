/**
 * A person in the publications of a partner. The publisher's own name for the person is in no event: only a keyed hash of it, which
 * also names the key of the personal data. Erasing is for ever.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf } from '../event.js';
import { PartnerId, type TenantId } from '../ids.js';
import { streamName } from '../stream.js';
import { SubjectKey } from './publication.js';

export const publishedSubjectStream = (tenant: TenantId, id: SubjectKey) =>
  streamName('publishedSubject', tenant, id);

// These names are the storage format: proof-read, version with care.
export const PublishedSubjectErased = event('PublishedSubjectErased', {
  partnerId: PartnerId,
  subjectKey: SubjectKey,
  reason: Type.String({ maxLength: 500 }),
});

export const publishedSubjectEvents = [PublishedSubjectErased] as const;
type PublishedSubjectEvent = EventOf<typeof PublishedSubjectErased>;
export type PublishedSubject = 'present' | 'erased';

export const publishedSubject: Aggregate<PublishedSubject, PublishedSubjectEvent> = {
  category: 'publishedSubject',
  initial: () => 'present',
  evolve: () => 'erased',
};

export const eraseSubject = (
  command: EventOf<typeof PublishedSubjectErased>['data'],
  state: PublishedSubject,
): PublishedSubjectEvent[] =>
  state === 'erased' ? [] : [{ type: 'PublishedSubjectErased', data: command }];
