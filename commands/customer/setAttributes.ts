/**
 * Sets what campaigns may ask of a customer. Attributes lie open in the log, so what looks like a contact is refused: it would be
 * there for ever, also after the person was erased.
 */
import { Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { setAttributes as decide } from '../../domain/account/attributes.js';
import { attributesMax, CustomerAttributes } from '../../domain/account/profileEvents.js';
import { UserId } from '../../domain/ids.js';
import { defineCommand } from '../command.js';
import { InvalidInput } from '../validation.js';

const [[pattern, Value]] = Object.entries(CustomerAttributes.patternProperties) as [
  [string, (typeof CustomerAttributes.patternProperties)[string]],
];

export const AttributeChanges = Type.Record(
  Type.String({ pattern }),
  Type.Union([Type.Unsafe<string | number | boolean>(Value), Type.Null()]),
  {
    maxProperties: attributesMax,
    additionalProperties: false,
    description: 'What is left out stays as it is, null takes an attribute away. No personal data',
    examples: [{ favouriteShop: 12, ageBand: 40, newsletter: true }],
  },
);

const contact = /@[^@\s]+\.|^\+?[0-9][0-9 ()./-]{7,}$/;

/** @throws InvalidInput for what looks like an e-mail address or a phone number. */
export const assertImpersonal = (
  attributes: Readonly<Record<string, string | number | boolean | null>>,
): void => {
  const faults = Object.entries(attributes)
    .filter(([, value]) => typeof value === 'string' && contact.test(value))
    .map(([name]) => ({
      pointer: `/attributes/${name}`,
      reason: 'must not be personal data: contacts belong to the person, which is encrypted',
    }));
  if (faults.length > 0) throw new InvalidInput(faults);
};

export const setAttributes = defineCommand({
  name: 'SetCustomerAttributes',
  summary: 'Sets attributes of a customer that campaigns may ask about.',
  input: Type.Object(
    { userId: UserId, attributes: AttributeChanges },
    { additionalProperties: false, title: 'SetCustomerAttributes' },
  ),
  aggregate: account,
  stream: (input, context) => accountStream(context.tenant, input.userId),
  lookUp: ({ attributes }) => assertImpersonal(attributes),
  decide: (input, state) => decide(input, state),
  answer: ({ input, state }) => ({ userId: input.userId, attributes: state.profile.attributes }),
});
