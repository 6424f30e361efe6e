/** Which rule a message falls under: the first in the list that fits. */
import type { Channel, MessageClass } from '../message/kinds.js';
import type { RoutingRule } from './rules.js';

export interface Routed {
  readonly channel: Channel;
  readonly class: MessageClass;
  /** E.164 number or e-mail address; empty where addresses say nothing about the way. */
  readonly destination: string;
}

/** @param domains in lower case. */
const isBelow = (destination: string, domains: readonly string[]): boolean => {
  const host = destination.slice(destination.lastIndexOf('@') + 1).toLowerCase();
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
};

const fits = ({ channel, classes, prefixes, domains }: RoutingRule, message: Routed): boolean =>
  channel === message.channel &&
  (classes === undefined || classes.includes(message.class)) &&
  (prefixes === undefined || prefixes.some((one) => message.destination.startsWith(one))) &&
  (domains === undefined || isBelow(message.destination, domains));

export const ruleFor = (rules: readonly RoutingRule[], message: Routed): RoutingRule | undefined =>
  rules.find((rule) => fits(rule, message));
