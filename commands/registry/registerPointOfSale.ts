/**
 * Opens a shop of a merchant, under a number that is given or the next free one of the tenant.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { PointOfSaleId } from '../../domain/ids.js';
import {
  pointOfSale,
  PointOfSaleRegistered,
  pointOfSaleStream,
  registerPointOfSale as decide,
} from '../../domain/pointOfSale/pointOfSale.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handler } from '../handle.js';
import { underFreeNumber } from './freeNumber.js';
import { presentMerchant } from './present.js';

const { pointOfSaleId, merchantId, name } = PointOfSaleRegistered.schema.properties;

export const registerPointOfSale = defineCommand({
  name: 'RegisterPointOfSale',
  summary: 'Opens a shop of a merchant.',
  input: Type.Object(
    { pointOfSaleId, merchantId, name },
    { additionalProperties: false, title: 'RegisterPointOfSale' },
  ),
  aggregate: pointOfSale,
  stream: (input, context) => pointOfSaleStream(context.tenant, input.pointOfSaleId),
  lookUp: (input, context, { directory }) =>
    presentMerchant(directory, context.tenant, input.merchantId),
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});

export const RegisterPointOfSaleInput = Type.Object(
  { pointOfSaleId: Type.Optional(pointOfSaleId), merchantId, name },
  { additionalProperties: false, title: 'RegisterPointOfSaleInput' },
);

/** The next free number where none is given; a repeat under the same key finds the number it was given. */
export const registerNumberedPointOfSale = (
  handler: Handler,
  input: Static<typeof RegisterPointOfSaleInput>,
  context: CommandContext,
) =>
  underFreeNumber<PointOfSaleId, Awaited<ReturnType<typeof register>>>({
    command: registerPointOfSale.name,
    given: input.pointOfSaleId,
    taken: [...handler.directory.pointsOfSale(context.tenant)].map((record) => ({
      number: record.pointOfSaleId,
      commandId: record.commandId,
    })),
    streamOf: (number) => pointOfSaleStream(context.tenant, number),
    context,
    register: (number) => register(handler, { ...input, pointOfSaleId: number }, context),
  });

const register = (
  handler: Handler,
  input: Static<typeof registerPointOfSale.input>,
  context: CommandContext,
) => handler.handle(registerPointOfSale, input, context);
