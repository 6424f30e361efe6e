/**
 * What somebody of a partner may do, a person or a program: each role is one kind of work, whoever does several has several.
 *
 *   administrator  people and credentials of the partner       publisher   what the partner's own topics say, and their schemas
 *   subscriber     standing orders: endpoints, secrets, replays   reader   looking, searching and pulling; every other role looks too
 *   messenger      messages to customers, and how they stand; nothing of the exchange
 */
import { type Static, Type } from '@sinclair/typebox';

export const PartnerRole = Type.Union([
  Type.Literal('administrator'),
  Type.Literal('publisher'),
  Type.Literal('subscriber'),
  Type.Literal('reader'),
  Type.Literal('messenger'),
]);
export type PartnerRole = Static<typeof PartnerRole>;

export const partnerRoles: readonly PartnerRole[] = [
  'administrator',
  'publisher',
  'subscriber',
  'reader',
  'messenger',
];

export const PartnerRoles = Type.Array(PartnerRole, {
  minItems: 1,
  maxItems: 5,
  uniqueItems: true,
  examples: [['publisher', 'reader']],
});

/** Of a program whose credential names none: all of the exchange's work, and no say in who else may do it. */
export const programRoles: readonly PartnerRole[] = ['publisher', 'subscriber', 'reader'];

/** In one order and each once, so that two ways to write the same roles are the same. */
export const orderedRoles = (roles: readonly PartnerRole[]): PartnerRole[] =>
  partnerRoles.filter((role) => roles.includes(role));
