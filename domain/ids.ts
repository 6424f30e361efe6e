/**
 * The identifiers of Kopilka and their grammar.
 *
 * Every id is branded: a string that was checked somewhere, so that a till's id cannot be passed where a tenant's is meant.
 * The schemas are the one place that says what an id looks like; the casts live here and nowhere else.
 * No id holds a dash or a dot: both are separators of the stream grammar (see stream.ts), the card and receipt numbers that
 * shops bring are the exception and may hold dashes.
 */
import { Type, type TSchema } from '@sinclair/typebox';

declare const brand: unique symbol;
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

const branded = <T>(schema: TSchema) => Type.Unsafe<T>(schema);
const text = (pattern: string, description: string, example: string) =>
  Type.String({ pattern, description, examples: [example] });

export type TenantId = Branded<string, 'TenantId'>;
export const TenantId = branded<TenantId>(
  text('^[a-z][a-z0-9]{1,30}$', 'One loyalty programme and its data', 'demo'),
);

/** A positive integer, as the merchants' API has it. */
export type MerchantId = Branded<number, 'MerchantId'>;
export const MerchantId = branded<MerchantId>(
  Type.Integer({ minimum: 1, maximum: 999_999_999, description: 'A company in the programme' }),
);

export type PointOfSaleId = Branded<number, 'PointOfSaleId'>;
export const PointOfSaleId = branded<PointOfSaleId>(
  Type.Integer({ minimum: 1, maximum: 999_999_999, description: 'A shop, unique in the tenant' }),
);

export type TillId = Branded<string, 'TillId'>;
export const TillId = branded<TillId>(text('^[a-z0-9]{4,40}$', 'One POS terminal', 'till1'));

export type AppId = Branded<string, 'AppId'>;
export const AppId = branded<AppId>(text('^[a-z0-9]{4,40}$', 'An integrator', 'app1'));

export type OperatorId = Branded<string, 'OperatorId'>;
export const OperatorId = branded<OperatorId>(
  text('^[a-z0-9][a-z0-9_]{1,39}$', 'A person working with the console: the login', 'owner'),
);

/** A customer: a GSRN, here 25 decimal digits of which the last is the GS1 check digit (see gsrn.ts). */
export type UserId = Branded<string, 'UserId'>;
export const UserId = branded<UserId>(
  text('^[0-9]{25}$', 'A customer: GSRN of 25 digits', '8018000010000000000000013'),
);

/** Unique in the account alone. */
export type MemberId = Branded<number, 'MemberId'>;
export const MemberId = branded<MemberId>(
  Type.Integer({
    minimum: 1,
    maximum: 200,
    description: 'A person on an account, in the order they joined: 1 enrolled',
    examples: [2],
  }),
);

export type CardNumber = Branded<string, 'CardNumber'>;
export const CardNumber = branded<CardNumber>(
  text('^[0-9A-Z]{4,32}$', 'The number on a loyalty card', '2200000000017'),
);

export type ProductId = Branded<string, 'ProductId'>;
export const ProductId = branded<ProductId>(
  text('^[0-9A-Za-z_-]{1,40}$', 'A product code (SKU) of a merchant', '85123A'),
);

/** Given by the till (its receipt number, unique for the customer) so that a retry names the same purchase. */
export type PurchaseId = Branded<string, 'PurchaseId'>;
export const PurchaseId = branded<PurchaseId>(
  text('^[0-9A-Za-z_:-]{1,64}$', 'A receipt, as the till numbers it', '536365'),
);

export type ReturnId = Branded<string, 'ReturnId'>;
export const ReturnId = branded<ReturnId>(
  text('^[0-9A-Za-z_:-]{1,64}$', 'A return, as the till numbers it', 'C536379'),
);

export type LotId = Branded<string, 'LotId'>;
export const LotId = branded<LotId>(
  text('^[0-9A-Za-z_:.-]{1,200}$', 'Points earned together', '536365'),
);

/** A company of the exchange. */
export type PartnerId = Branded<string, 'PartnerId'>;
export const PartnerId = branded<PartnerId>(
  text('^[a-z][a-z0-9_]{1,39}$', 'A company that publishes and receives', 'motor_house'),
);

/** A program of a partner, by its token. */
export type CredentialId = Branded<string, 'CredentialId'>;
export const CredentialId = branded<CredentialId>(
  text('^[a-z0-9]{4,40}$', 'One token of a partner', 'credential1'),
);

/** A person of a partner. Made of a keyed hash of partner and e-mail, so that it tells nobody who it is. */
export type PartnerUserId = Branded<string, 'PartnerUserId'>;
export const PartnerUserId = branded<PartnerUserId>(
  text('^pu[0-9a-f]{20}$', 'A person of a partner', 'pu0123456789abcdef0123'),
);

export type TopicId = Branded<string, 'TopicId'>;
export const TopicId = branded<TopicId>(
  text('^[a-z][a-z0-9_]{2,63}$', 'A channel on which one partner publishes', 'cars_chosen'),
);
/** What is handed on to Kafka. */
export type RelayId = Branded<string, 'RelayId'>;
export const RelayId = branded<RelayId>(
  text('^[a-z][a-z0-9_]{2,79}$', 'What is handed on to a Kafka topic', 'cars_out'),
);

/** What is taken in from Kafka. */
export type BindingId = Branded<string, 'BindingId'>;
export const BindingId = branded<BindingId>(
  text('^[a-z][a-z0-9_]{2,79}$', 'A Kafka topic that a partner publishes through', 'cars_in'),
);

/** A standing order of a partner for what is published on a topic. */
export type SubscriptionId = Branded<string, 'SubscriptionId'>;
export const SubscriptionId = branded<SubscriptionId>(
  text('^sub_[a-z0-9]{4,40}$', 'A standing order for what a topic tells', 'sub_cars1'),
);

/** A replay of what a subscription was or should have been sent. */
export type ReplayId = Branded<string, 'ReplayId'>;
export const ReplayId = branded<ReplayId>(
  text('^rep_[a-z0-9]{4,40}$', 'A replay of deliveries', 'rep_monday1'),
);

/** Something to be said to somebody: a uuid (v5 of tenant and idempotency key) without its dashes. */
export type MessageId = Branded<string, 'MessageId'>;
export const MessageId = branded<MessageId>(
  text('^[0-9a-f]{32}$', 'A message', '0b5f1f2f7a0e5d1c9b6f0a3c2d4e6f80'),
);

export type TemplateId = Branded<string, 'TemplateId'>;
export const TemplateId = branded<TemplateId>(
  text('^[a-z][a-z0-9_]{1,63}$', 'What a message says, with places to fill', 'points_expire'),
);

/** A cascade of channels. */
export type StrategyId = Branded<string, 'StrategyId'>;
export const StrategyId = branded<StrategyId>(
  text('^[a-z][a-z0-9_]{1,63}$', 'Which channels in which order', 'push_then_sms'),
);

/** Whoever carries messages: one account at one of them. */
export type ProviderId = Branded<string, 'ProviderId'>;
export const ProviderId = branded<ProviderId>(
  text('^[a-z][a-z0-9_]{1,39}$', 'An account at somebody who carries messages', 'sms_north'),
);
