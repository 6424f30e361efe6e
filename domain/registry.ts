/**
 * Every event there is, by its storage name. The codec reads and writes nothing that is not listed here, so an event that was
 * forgotten fails at its first append, and a name used twice fails when this module is imported.
 */
import { accountEvents } from './account/events.js';
import { appEvents } from './app/app.js';
import { budgetEvents } from './budget/budget.js';
import { campaignEvents } from './campaign/events.js';
import { campaignRulesEvents } from './campaign/rules.js';
import { cardEvents } from './card/card.js';
import { consentEvents } from './consent/consent.js';
import { outreachRulesEvents } from './consent/rules.js';
import { suppressionEvents } from './consent/suppression.js';
import { contactEvents } from './contact/contact.js';
import { couponEvents } from './coupon/coupon.js';
import { numberingEvents } from './coupon/numbering.js';
import { seriesEvents } from './coupon/series.js';
import { deliveryEvents } from './delivery/events.js';
import { drawEvents } from './draw/draw.js';
import type { EventDefinition } from './event.js';
import { gameEvents } from './game/game.js';
import { stockEvents } from './game/stock.js';
import { giftCardEvents } from './giftCard/events.js';
import { giftCardSeriesEvents } from './giftCard/series.js';
import { bindingEvents } from './kafka/binding.js';
import { relayEvents } from './kafka/relay.js';
import { handoverEvents } from './handover/events.js';
import { merchantEvents } from './merchant/merchant.js';
import { recipientEvents } from './message/erasedRecipient.js';
import { messageEvents, outboxEvents } from './message/events.js';
import { operatorEvents } from './operator/operator.js';
import { partnerLimitsEvents } from './partner/limits.js';
import { partnerEvents } from './partner/partner.js';
import { partnerUserEvents } from './partnerUser/partnerUser.js';
import { pointOfSaleEvents } from './pointOfSale/pointOfSale.js';
import { policyEvents } from './policy/policy.js';
import { productEvents } from './product/product.js';
import { programmeEvents } from './programme/programme.js';
import { providerEvents } from './provider/events.js';
import { publicationEvents } from './publication/publication.js';
import { publishedSubjectEvents } from './publication/subject.js';
import { referralProgrammeEvents } from './referral/programme.js';
import { routingEvents } from './routing/rules.js';
import { salesEvents } from './sales/events.js';
import { segmentEvents } from './segment/segment.js';
import { strategyEvents } from './strategy/strategy.js';
import { subscriptionEvents } from './subscription/events.js';
import { signingKeyEvents } from './signingKey/signingKey.js';
import { templateEvents } from './template/template.js';
import { tenantEvents } from './tenant/tenant.js';
import { tierSchemeEvents } from './tier/scheme.js';
import { tillEvents } from './till/till.js';
import { topicAccessEvents } from './topic/access.js';
import { topicRulesEvents } from './topic/rules.js';
import { topicSchemasEvents } from './topic/schemas.js';
import { topicEvents } from './topic/topic.js';

/** By name. Throws on a name that two definitions share. */
export const registerEvents = (
  groups: readonly (readonly EventDefinition[])[],
): ReadonlyMap<string, EventDefinition> => {
  const definitions = new Map<string, EventDefinition>();
  for (const definition of groups.flat()) {
    if (definitions.has(definition.type)) {
      throw new Error(
        `Two events are called ${definition.type}: rename the one not yet in any log.`,
      );
    }
    definitions.set(definition.type, definition);
  }
  return definitions;
};

export const eventDefinitions = registerEvents([
  accountEvents,
  appEvents,
  bindingEvents,
  budgetEvents,
  campaignEvents,
  campaignRulesEvents,
  cardEvents,
  consentEvents,
  contactEvents,
  couponEvents,
  deliveryEvents,
  drawEvents,
  gameEvents,
  giftCardEvents,
  giftCardSeriesEvents,
  handoverEvents,
  merchantEvents,
  messageEvents,
  numberingEvents,
  operatorEvents,
  outboxEvents,
  outreachRulesEvents,
  partnerEvents,
  partnerLimitsEvents,
  partnerUserEvents,
  pointOfSaleEvents,
  policyEvents,
  productEvents,
  programmeEvents,
  providerEvents,
  publicationEvents,
  publishedSubjectEvents,
  recipientEvents,
  referralProgrammeEvents,
  relayEvents,
  routingEvents,
  salesEvents,
  segmentEvents,
  seriesEvents,
  signingKeyEvents,
  stockEvents,
  strategyEvents,
  subscriptionEvents,
  suppressionEvents,
  templateEvents,
  tenantEvents,
  tierSchemeEvents,
  tillEvents,
  topicAccessEvents,
  topicEvents,
  topicRulesEvents,
  topicSchemasEvents,
]);
