/** A Kafka topic has one use: what is read from a topic that something else is written to would go round in a circle. */
import type { TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import type { KafkaLinks } from '../kafkaLinks.js';

/** Relays and bindings of a programme: each keeps connections open. */
export const kafkaLinksMax = 100;

/**
 * @param self the relay or the binding that is to use it.
 * @throws Rejected kafka-topic-taken, too-many-kafka-links
 */
export const freeKafkaTopic = (
  links: KafkaLinks,
  tenant: TenantId,
  kafkaTopic: string,
  self: { readonly relayId?: string; readonly bindingId?: string },
): void => {
  const isActive = ({ status }: { status: string }): boolean => status === 'active';
  const relays = links.relays(tenant).filter(isActive);
  const bindings = links.bindings(tenant).filter(isActive);
  const othersOut = relays.filter(({ relayId }) => relayId !== self.relayId);
  const othersIn = bindings.filter(({ bindingId }) => bindingId !== self.bindingId);
  if (othersOut.length + othersIn.length >= kafkaLinksMax) {
    throw rejected('too-many-kafka-links', { most: kafkaLinksMax });
  }
  const taken = [...othersOut, ...othersIn].some((link) => link.kafkaTopic === kafkaTopic);
  if (taken) throw rejected('kafka-topic-taken', { kafkaTopic });
};
