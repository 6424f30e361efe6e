/**
 * Events of a programme that may be handed on to Kafka: what happened to accounts, campaigns, coupons and the rest of the business.
 * Named group by group, so that a new kind of event stays inside until somebody says otherwise: those that hold hashes of secrets
 * (tills, apps, operators, credentials, draws before they are decided) never leave.
 */
import { accountEvents } from '../../domain/account/events.js';
import { campaignEvents } from '../../domain/campaign/events.js';
import { campaignRulesEvents } from '../../domain/campaign/rules.js';
import { couponEvents } from '../../domain/coupon/coupon.js';
import { seriesEvents } from '../../domain/coupon/series.js';
import { gameEvents } from '../../domain/game/game.js';
import { giftCardEvents } from '../../domain/giftCard/events.js';
import { merchantEvents } from '../../domain/merchant/merchant.js';
import { pointOfSaleEvents } from '../../domain/pointOfSale/pointOfSale.js';
import { productEvents } from '../../domain/product/product.js';
import { salesEvents } from '../../domain/sales/events.js';
import { segmentEvents } from '../../domain/segment/segment.js';
import { tierSchemeEvents } from '../../domain/tier/scheme.js';
import { topicAccessEvents } from '../../domain/topic/access.js';
import { topicEvents } from '../../domain/topic/topic.js';

export const relayableEvents: ReadonlySet<string> = new Set(
  [
    accountEvents,
    campaignEvents,
    campaignRulesEvents,
    couponEvents,
    gameEvents,
    giftCardEvents,
    merchantEvents,
    pointOfSaleEvents,
    productEvents,
    salesEvents,
    segmentEvents,
    seriesEvents,
    tierSchemeEvents,
    topicAccessEvents,
    topicEvents,
  ].flatMap((group) => group.map(({ type }) => type)),
);
