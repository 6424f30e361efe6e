/**
 * From an occasion to the request that a policy makes of it. Its key is made of the fact, so that the fact comes to one message by this
 * policy however often it is met; what the policy says itself fills what no fact gives.
 */
import type { AcceptItem } from '../../../commands/message/accept.js';
import type { MessageRequest } from '../../../commands/message/request.js';
import type { PolicyVersion } from '../../../commands/outreach.js';
import { quietUntil } from '../../../domain/consent/quiet.js';
import type { TemplateContent } from '../../../domain/template/template.js';
import type { Occasion } from './occasion.js';

/** Only what the template declares: it takes nothing else. */
const variablesOf = (
  { params = {} }: PolicyVersion['content'],
  { variables }: Occasion,
  { variables: declared }: TemplateContent,
): Record<string, unknown> => {
  const told: Record<string, unknown> = {};
  for (const { name } of declared) {
    const value = variables[name] ?? params[name];
    if (value !== undefined && value !== null) told[name] = value;
  }
  return told;
};

/** Today at the time that the policy names, where that is still to come; milliseconds since the epoch. */
export const notBeforeOf = (
  at: string | undefined,
  now: number,
  timeZone: string,
): number | null =>
  at === undefined || at === '00:00' ? null : quietUntil({ from: '00:00', to: at }, now, timeZone);

export const requestOf = (
  { policyId, content }: PolicyVersion,
  occasion: Occasion,
  by: {
    readonly template: TemplateContent;
    readonly timeZone: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
  },
): AcceptItem => {
  const { template, via, at, campaign } = content;
  const notBefore = notBeforeOf(at, by.now, by.timeZone);
  const variables = variablesOf(content, occasion, by.template);
  const request: MessageRequest = {
    class: content.class,
    recipient: { userId: occasion.userId },
    ...('strategyId' in via ? { strategy: { strategyId: via.strategyId } } : via),
    template,
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
    ...(notBefore === null ? {} : { notBefore: new Date(notBefore).toISOString() }),
    ...(campaign === undefined ? {} : { campaign }),
  };
  const { factId, traceparent } = occasion;
  return { request, key: factId, policy: { policyId, factId }, traceparent };
};
