/**
 * Takes a company into the programme, under a number that is given or the next free one.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { MerchantId } from '../../domain/ids.js';
import {
  merchant,
  MerchantRegistered,
  merchantStream,
  registerMerchant as decide,
} from '../../domain/merchant/merchant.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handler } from '../handle.js';
import { InvalidInput } from '../validation.js';
import { underFreeNumber } from './freeNumber.js';
import { presentTenant } from './present.js';

const { merchantId, name, timeZone } = MerchantRegistered.schema.properties;

export const registerMerchant = defineCommand({
  name: 'RegisterMerchant',
  summary: 'Takes a company into the programme.',
  input: Type.Object(
    { merchantId, name, timeZone },
    { additionalProperties: false, title: 'RegisterMerchant' },
  ),
  aggregate: merchant,
  stream: (input, context) => merchantStream(context.tenant, input.merchantId),
  lookUp: (input, context, { directory }) => {
    presentTenant(directory, context.tenant);
    if (!isTimeZone(input.timeZone)) {
      throw new InvalidInput([{ pointer: '/timeZone', reason: 'is not a time zone of IANA' }]);
    }
  },
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => input,
});

export const RegisterMerchantInput = Type.Object(
  { merchantId: Type.Optional(merchantId), name, timeZone },
  { additionalProperties: false, title: 'RegisterMerchantInput' },
);

/** The next free number where none is given; a repeat under the same key finds the number it was given. */
export const registerNumberedMerchant = (
  handler: Handler,
  input: Static<typeof RegisterMerchantInput>,
  context: CommandContext,
) =>
  underFreeNumber<MerchantId, Awaited<ReturnType<typeof register>>>({
    command: registerMerchant.name,
    given: input.merchantId,
    taken: [...handler.directory.merchants(context.tenant)].map((record) => ({
      number: record.merchantId,
      commandId: record.commandId,
    })),
    streamOf: (number) => merchantStream(context.tenant, number),
    context,
    register: (number) => register(handler, { ...input, merchantId: number }, context),
  });

const register = (
  handler: Handler,
  input: Static<typeof registerMerchant.input>,
  context: CommandContext,
) => handler.handle(registerMerchant, input, context);

const isTimeZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
};
