/**
 * Before publications leave for a partner: that it is handed them is recorded, or they do not leave. Whoever asks for the headers of an answer
 * alone (HEAD) is handed none.
 */
import type { HandedOver, HandOver } from '../../commands/publication/handovers.js';
import type { HandoverWay } from '../../domain/handover/events.js';
import type { PartnerId, TopicId } from '../../domain/ids.js';
import type { PartnerCaller } from '../auth/caller.js';

/**
 * What the owner of a topic reads of it is its own, and not recorded.
 * @param mayStill asked again once it is recorded, since access may have ended meanwhile: throws where it has.
 * @throws what the log throws: then nothing may be shown.
 */
export const handOverTo = async (
  handOver: HandOver,
  { tenant, partnerId, credentialId, userId }: PartnerCaller,
  { topicId, owner }: { readonly topicId: TopicId; readonly owner: PartnerId },
  way: HandoverWay,
  places: HandedOver['places'],
  mayStill: () => unknown,
): Promise<void> => {
  if (partnerId === owner || places.length === 0) return;
  await handOver({ tenant, topicId, partnerId, credentialId, userId, way, places });
  mayStill();
};
