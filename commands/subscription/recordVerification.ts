/** Records what an endpoint answered when it was asked whether it agrees to be called. */
import { type Static, Type } from '@sinclair/typebox';
import { endpointVerificationFailed, endpointVerified } from '../../domain/subscription/decide.js';
import {
  EndpointVerificationFailed,
  EndpointVerified,
  subscriptionStream,
} from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import { defineCommand } from '../command.js';
import { mustOwn, owned, recordAfter } from './owned.js';

const closed = { additionalProperties: false } as const;
const { url, allowedRate } = EndpointVerified.schema.properties;
const { reason } = EndpointVerificationFailed.schema.properties;

export const Verdict = Type.Union([
  Type.Object({ agreed: Type.Literal(true), allowedRate }, closed),
  Type.Object({ agreed: Type.Literal(false), reason }, closed),
]);
export type Verdict = Static<typeof Verdict>;

export const recordVerification = defineCommand({
  name: 'RecordEndpointVerification',
  summary: 'Records what an endpoint answered to the question whether it may be called.',
  input: Type.Object(
    { ...owned, url, verdict: Verdict },
    { ...closed, title: 'RecordEndpointVerification' },
  ),
  aggregate: subscription,
  stream: (input, context) => subscriptionStream(context.tenant, input.subscriptionId),
  lookUp: mustOwn,
  decide: ({ url: asked, verdict }, state) =>
    verdict.agreed
      ? endpointVerified({ url: asked, allowedRate: verdict.allowedRate }, state)
      : endpointVerificationFailed({ url: asked, reason: verdict.reason }, state),
  answer: recordAfter,
});
