/** Leaves an address alone on a channel, and writes to it again. Issued by operators, and by the dispatcher where nothing arrives. */
import { Type } from '@sinclair/typebox';
import {
  AddressReleased,
  AddressSuppressed,
  releaseAddress as release,
  suppressAddress as suppress,
  suppression,
  suppressionStream,
} from '../../domain/consent/suppression.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

const closed = { additionalProperties: false } as const;

export const suppressAddress = defineCommand({
  name: 'SuppressAddress',
  summary: 'Leaves an address alone on a channel.',
  input: Type.Object(AddressSuppressed.schema.properties, { ...closed, title: 'SuppressAddress' }),
  aggregate: suppression,
  stream: ({ channel, address }, { tenant }) => suppressionStream(tenant, channel, address),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => suppress(input, state),
  answer: ({ state }) => state,
});

export const releaseAddress = defineCommand({
  name: 'ReleaseAddress',
  summary: 'Writes to an address again that was left alone on a channel.',
  input: Type.Object(AddressReleased.schema.properties, { ...closed, title: 'ReleaseAddress' }),
  aggregate: suppression,
  stream: ({ channel, address }, { tenant }) => suppressionStream(tenant, channel, address),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => release(input, state),
  answer: ({ state }) => state,
});
