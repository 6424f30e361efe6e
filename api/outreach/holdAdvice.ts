/**
 * What somebody who runs the programme can do about a message that waits, or waited in vain, for what only they can give. Most holds pass
 * by themselves and say until when; one for want of a provider passes only once there is one.
 */
import type { Message } from '../../domain/message/message.js';
import type { Channel } from '../../domain/message/kinds.js';

const guide = 'docs/guides/providers.md tells how';

/** Nobody was even looked at: no provider carries the channel, or the rule that matches names none. */
const nobodyAtAll = (channel: Channel): string =>
  `Register a provider that carries ${channel} by POST /admin/v1/outreach/providers, or name one in the routing rules by PUT /admin/v1/outreach/routing: ${guide}.`;

/** Those that were looked at stand in the detail of the hold, each with what speaks against it. */
const noneOfThose = (channel: Channel): string =>
  `Enable or mend one of the providers that were looked at, which GET /admin/v1/outreach/providers shows, or register another that carries ${channel}: ${guide}.`;

const inVain: ReadonlySet<Message['status']> = new Set(['failed', 'expired', 'undelivered']);

/** Of the latest hold that nothing came after but further ones and the end. */
export interface WaitedFor {
  readonly reason: string;
  /** Who was looked at. */
  readonly detail?: string | undefined;
}

/** @returns null where nothing is left to do, or where it passes by itself. */
export const holdAdvice = (
  { status, endedAt, digestedInto, steps, step }: Message,
  waited: WaitedFor | null,
): string | null => {
  const isOpen = endedAt === null && digestedInto === null;
  if (waited?.reason !== 'no-provider' || !(isOpen || inVain.has(status))) return null;
  const channel = steps[step]?.channel;
  if (channel === undefined) return null;
  return waited.detail ? noneOfThose(channel) : nobodyAtAll(channel);
};
