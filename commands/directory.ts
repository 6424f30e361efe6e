/**
 * What decisions look up about the programme: tenants, rules, merchants, shops, tills, apps, operators, products, and in parts of
 * their own what has a file of its own.
 *
 * An in-memory read model fed from the log in global order, so that the hot path asks no database. It may lag behind the log by
 * the subscription's delay; a command that changes it waits until its own change has arrived (`waitFor`). Revoked entries stay:
 * "was revoked" and "never was" are different answers.
 */
import type { Fact, Position } from '../domain/fact.js';
import type {
  AppId,
  MerchantId,
  OperatorId,
  PointOfSaleId,
  ProductId,
  TenantId,
  TillId,
} from '../domain/ids.js';
import type { VersionedRule } from '../domain/programme/rule.js';
import { type Birthdays, noBirthdays } from './birthdays.js';
import { type Campaigns, createCampaigns } from './campaigns.js';
import { type Carriers, createCarriers } from './carriers.js';
import type { CouponKeys } from './coupon/keys.js';
import { type Coupons, createCoupons } from './coupons.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';
import {
  type AppRecord,
  file,
  type MerchantRecord,
  newShelf,
  type OperatorRecord,
  type PointOfSaleRecord,
  type ProductRecord,
  type Shelf,
  shelfTypes,
  type TenantRecord,
  type TillRecord,
} from './directoryShelf.js';
import { createSegments, type Segments } from './segments.js';
import { createDraws, type Draws } from './draws.js';
import { createExchange, type Exchange } from './exchange.js';
import { createOutreach, type Outreach } from './outreach.js';
import { createPublishing, type Publishing } from './publishing.js';
import { createGames, type Games } from './games.js';
import { createGiftCards, type GiftCards } from './giftCards.js';
import { createPartnerUsers, type PartnerUsers } from './partnerUsers.js';
import { createKafkaLinks, type KafkaLinks } from './kafkaLinks.js';
import type { ReferralKeys } from './referral/codes.js';
import { createReferralProgrammes, type ReferralProgrammes } from './referrals.js';
import { createRevokedKeys, type RevokedKeys } from './revokedKeys.js';
import type { Seeds } from './seeds.js';
import { createSubscriptions, type Subscriptions } from './subscriptions.js';
import { createTiers, type Tiers } from './tiers.js';
import { createWaiters } from './waiters.js';

export { DeadlineExceeded } from './waiters.js';

export interface DirectoryCounts {
  readonly tenants: number;
  readonly merchants: number;
  readonly pointsOfSale: number;
  readonly tills: number;
  readonly apps: number;
  readonly operators: number;
  readonly products: number;
  /** Products that did not fit: `product` does not know them. */
  readonly productsLeftOut: number;
}

export interface Directory {
  /** What `apply` wants to be given; the rest may be left out. */
  readonly eventTypes: ReadonlySet<string>;
  /** In global order. A fact at or before `position` is ignored, so a resumed feed may overlap. */
  apply(fact: Fact): void;
  /** Nothing of interest lies up to here. */
  advance(position: Position): void;
  readonly position: Position | null;
  /** Resolves once everything up to `position` is applied. @throws DeadlineExceeded after `deadlineMs`. */
  waitFor(position: Position, deadlineMs: number): Promise<void>;

  tenant(id: TenantId): TenantRecord | undefined;
  /** The rule in force, null before the first was set. */
  rule(tenant: TenantId): VersionedRule | null;
  /** The rule in force at a time (ms); before the first was set, the first. */
  ruleAt(tenant: TenantId, time: number): VersionedRule | null;
  merchant(tenant: TenantId, id: MerchantId): MerchantRecord | undefined;
  pointOfSale(tenant: TenantId, id: PointOfSaleId): PointOfSaleRecord | undefined;
  till(tenant: TenantId, id: TillId): TillRecord | undefined;
  app(tenant: TenantId, id: AppId): AppRecord | undefined;
  operator(tenant: TenantId, id: OperatorId): OperatorRecord | undefined;
  product(tenant: TenantId, id: ProductId): ProductRecord | undefined;

  tenants(): Iterable<TenantRecord>;
  merchants(tenant: TenantId): Iterable<MerchantRecord>;
  pointsOfSale(tenant: TenantId): Iterable<PointOfSaleRecord>;
  tills(tenant: TenantId): Iterable<TillRecord>;
  apps(tenant: TenantId): Iterable<AppRecord>;
  operators(tenant: TenantId): Iterable<OperatorRecord>;
  products(tenant: TenantId): Iterable<ProductRecord>;
  counts(): DirectoryCounts;

  readonly campaigns: Campaigns;
  readonly tiers: Tiers;
  readonly games: Games;
  readonly draws: Draws;
  readonly coupons: Coupons;
  readonly giftCards: GiftCards;
  readonly segments: Segments;
  readonly exchange: Exchange;
  readonly publishing: Publishing;
  readonly outreach: Outreach;
  readonly partnerUsers: PartnerUsers;
  readonly revokedKeys: RevokedKeys;
  readonly kafka: KafkaLinks;
  readonly subscriptions: Subscriptions;
  readonly carriers: Carriers;
  readonly referrals: ReferralProgrammes;
  readonly birthdays: Birthdays;
}

/** About 300 bytes each: a million products take some 300 MB, more than one process should give them. */
const productsMaxDefault = 500_000;

export const createDirectory = (
  options: {
    readonly productsMax?: number;
    readonly couponKeys?: CouponKeys;
    readonly giftCardKeys?: CouponKeys;
    readonly seeds?: Seeds;
    readonly referralKeys?: ReferralKeys;
    readonly birthdays?: Birthdays;
  } = {},
): Directory => {
  const productsMax = options.productsMax ?? productsMaxDefault;
  const shelves = createShelves(newShelf);
  const waiters = createWaiters();
  const campaigns = createCampaigns();
  const tiers = createTiers();
  const games = createGames(options.seeds);
  const draws = createDraws();
  const coupons = createCoupons(options.couponKeys);
  const giftCards = createGiftCards(options.giftCardKeys);
  const segments = createSegments();
  const exchange = createExchange();
  const publishing = createPublishing();
  const outreach = createOutreach();
  const partnerUsers = createPartnerUsers();
  const revokedKeys = createRevokedKeys();
  const kafka = createKafkaLinks();
  const subscriptions = createSubscriptions();
  const carriers = createCarriers();
  const referrals = createReferralProgrammes(options.referralKeys);
  const parts: readonly DirectoryPart[] = [
    coupons,
    giftCards,
    campaigns,
    segments,
    draws,
    games,
    tiers,
    referrals,
    exchange,
    publishing,
    outreach,
    partnerUsers,
    revokedKeys,
    kafka,
    subscriptions,
    carriers,
  ];
  const eventTypes = new Set([...shelfTypes, ...parts.flatMap((part) => [...part.eventTypes])]);
  let position: Position | null = null;
  let products = 0;
  let productsLeftOut = 0;

  const { at } = shelves;

  const keepProduct = (shelf: Shelf, record: ProductRecord): void => {
    const known = shelf.products.has(record.productId);
    if (!known && products >= productsMax) {
      productsLeftOut += 1;
      return;
    }
    if (!known) products += 1;
    shelf.products.set(record.productId, record);
  };

  const advance = (to: Position): void => {
    if (position !== null && to <= position) return;
    position = to;
    waiters.reached(to);
  };

  const apply = (fact: Fact): void => {
    if (position !== null && fact.position <= position) return;
    if (shelfTypes.has(fact.type)) {
      const shelf = shelves.of(fact.metadata.tenant);
      file(shelf, fact, (record) => keepProduct(shelf, record));
    }
    for (const part of parts) if (part.eventTypes.has(fact.type)) part.apply(fact);
    advance(fact.position);
  };

  const sum = (count: (shelf: Shelf) => number): number =>
    [...shelves.all()].reduce((total, shelf) => total + count(shelf), 0);

  return {
    eventTypes,
    apply,
    advance,
    get position() {
      return position;
    },
    waitFor: (wanted, deadlineMs) =>
      position !== null && position >= wanted ? Promise.resolve() : waiters.add(wanted, deadlineMs),

    tenant: (id) => at(id).tenant,
    rule: (tenant) => at(tenant).rules.at(-1) ?? null,
    ruleAt: (tenant, time) => {
      const { rules } = at(tenant);
      return rules.findLast(({ since }) => since <= time) ?? rules[0] ?? null;
    },
    merchant: (tenant, id) => at(tenant).merchants.get(id),
    pointOfSale: (tenant, id) => at(tenant).pointsOfSale.get(id),
    till: (tenant, id) => at(tenant).tills.get(id),
    app: (tenant, id) => at(tenant).apps.get(id),
    operator: (tenant, id) => at(tenant).operators.get(id),
    product: (tenant, id) => at(tenant).products.get(id),

    tenants: () => [...shelves.all()].flatMap(({ tenant }) => tenant ?? []),
    merchants: (tenant) => at(tenant).merchants.values(),
    pointsOfSale: (tenant) => at(tenant).pointsOfSale.values(),
    tills: (tenant) => at(tenant).tills.values(),
    apps: (tenant) => at(tenant).apps.values(),
    operators: (tenant) => at(tenant).operators.values(),
    products: (tenant) => at(tenant).products.values(),
    counts: () => ({
      tenants: sum(({ tenant }) => (tenant ? 1 : 0)),
      merchants: sum((shelf) => shelf.merchants.size),
      pointsOfSale: sum((shelf) => shelf.pointsOfSale.size),
      tills: sum((shelf) => shelf.tills.size),
      apps: sum((shelf) => shelf.apps.size),
      operators: sum((shelf) => shelf.operators.size),
      products,
      productsLeftOut,
    }),
    tiers,
    games,
    draws,
    coupons,
    giftCards,
    campaigns,
    segments,
    exchange,
    publishing,
    outreach,
    partnerUsers,
    revokedKeys,
    kafka,
    subscriptions,
    carriers,
    referrals,
    birthdays: options.birthdays ?? noBirthdays,
  };
};
