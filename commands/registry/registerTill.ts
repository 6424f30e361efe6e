/**
 * Registers a POS terminal and makes its token, which is in this one answer and nowhere else: a repeat answers without it, and
 * a token that got lost on the way is replaced by registering another till.
 */
import { Type } from '@sinclair/typebox';
import type { TillId } from '../../domain/ids.js';
import {
  registerTill as decide,
  till,
  TillRegistered,
  tillStream,
} from '../../domain/till/till.js';
import { type CommandContext, defineCommand } from '../command.js';
import { derivedId, formatToken, hashSecret, makeSecret } from '../credentials.js';
import { presentPointOfSale } from './present.js';

const { tillId, merchantId, pointOfSaleId, name } = TillRegistered.schema.properties;

const tillIdOf = (input: { readonly tillId?: TillId }, context: CommandContext): TillId =>
  input.tillId ?? (derivedId('till', context.tenant, context.idempotencyKey) as TillId);

export const registerTill = defineCommand({
  name: 'RegisterTill',
  summary: 'Registers a POS terminal of a shop and answers its token, once.',
  input: Type.Object(
    { tillId: Type.Optional(tillId), merchantId, pointOfSaleId, name },
    { additionalProperties: false, title: 'RegisterTill' },
  ),
  aggregate: till,
  stream: (input, context) => tillStream(context.tenant, tillIdOf(input, context)),
  lookUp: (input, context, { directory }) => {
    presentPointOfSale(directory, context.tenant, input.merchantId, input.pointOfSaleId);
    return { secret: makeSecret() };
  },
  decide: (input, state, { secret }, context) =>
    decide({ ...input, tillId: tillIdOf(input, context), secretHash: hashSecret(secret) }, state),
  answer: ({ events, input, context, found }) => {
    const id = tillIdOf(input, context);
    const token =
      events.length > 0 && found
        ? formatToken({ kind: 'till', tenant: context.tenant, id, secret: found.secret })
        : null;
    return { ...input, tillId: id, token };
  },
});
