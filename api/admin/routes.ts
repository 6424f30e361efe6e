/** /admin/v1: everything that operators of a programme keep in order. */
import type { UserServices } from '../identity/services.js';
import type { Route } from '../route.js';
import { appRoutes } from './apps.js';
import { couponGrantRoutes } from './couponGrants.js';
import { type CouponRoutes, couponRoutes } from './coupons.js';
import { drawRoutes } from './draws.js';
import { type GameRoutes, gameRoutes } from './games.js';
import { campaignKindRoutes } from './campaignKinds.js';
import { campaignRulesRoutes } from './campaignRules.js';
import { campaignRoutes } from './campaigns.js';
import { campaignStepRoutes } from './campaignSteps.js';
import { type GiftCardRoutes, giftCardRoutes } from './giftCards.js';
import { type KafkaRoutes, kafkaRoutes } from './kafka.js';
import { merchantRoutes } from './merchants.js';
import { operatorRoutes } from './operators.js';
import { partnerRoutes } from './partners.js';
import { partnerUserRoutes } from './partnerUsers.js';
import { pointOfSaleRoutes } from './pointsOfSale.js';
import { productRoutes } from './products.js';
import { programmeRoutes } from './programme.js';
import { type ProjectionRoutes, projectionRoutes } from './projections.js';
import { type ReferralRoutes, referralRoutes } from './referrals.js';
import { type SalesRoutes, salesRoutes } from './sales.js';
import { type SegmentRoutes, segmentRoutes } from './segments.js';
import { type ResultRoutes, resultRoutes } from './results.js';
import { type SettlementRoutes, settlementRoutes } from './settlement.js';
import { type SigningKeyRoutes, signingKeyRoutes } from './signingKeys.js';
import { type SimulationRoutes, simulationRoutes } from './simulations.js';
import { type TenantRoutes, tenantRoutes } from './tenants.js';
import { type TierDistributionRoutes, tierDistributionRoutes } from './tierDistribution.js';
import { tierRoutes } from './tiers.js';
import { tillRoutes } from './tills.js';
import { topicRoutes } from './topics.js';

export interface AdminOptions
  extends
    TenantRoutes,
    UserServices,
    SigningKeyRoutes,
    CouponRoutes,
    GiftCardRoutes,
    ProjectionRoutes,
    SalesRoutes,
    SettlementRoutes,
    ResultRoutes,
    SimulationRoutes,
    SegmentRoutes,
    TierDistributionRoutes,
    GameRoutes,
    KafkaRoutes,
    ReferralRoutes {}

export const adminRoutes = (options: AdminOptions): Route[] => [
  ...tenantRoutes(options),
  ...programmeRoutes(options),
  ...merchantRoutes(options),
  ...pointOfSaleRoutes(options),
  ...tillRoutes(options),
  ...appRoutes(options),
  ...operatorRoutes(options),
  ...productRoutes(options),
  ...campaignRoutes(options),
  ...campaignStepRoutes(options),
  ...campaignRulesRoutes(options),
  ...campaignKindRoutes(),
  ...couponRoutes(options),
  ...couponGrantRoutes(options),
  ...giftCardRoutes(options),
  ...projectionRoutes(options),
  ...salesRoutes(options),
  ...settlementRoutes(options),
  ...resultRoutes(options),
  ...simulationRoutes(options),
  ...segmentRoutes(options),
  ...tierRoutes(options),
  ...tierDistributionRoutes(options),
  ...gameRoutes(options),
  ...referralRoutes(options),
  ...drawRoutes(options),
  ...partnerRoutes(options),
  ...partnerUserRoutes(options),
  ...signingKeyRoutes(options),
  ...topicRoutes(options),
  ...kafkaRoutes(options),
];
