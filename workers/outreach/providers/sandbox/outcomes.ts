/** What a sandbox answers: which fault meets which message, what it lets through in a second, and what it remembers. */
import { addressText } from '../../../../domain/message/address.js';
import type { Outgoing, SendResult } from '../port.js';
import type { SandboxFault } from './settings.js';

/** @param count how many messages the sandbox was given, with this one. */
export const faultFor = (
  faults: readonly SandboxFault[],
  message: Outgoing,
  count: number,
): SandboxFault | undefined =>
  faults.find(
    ({ every = 1, addressEndsWith }) =>
      count % every === 0 &&
      (addressEndsWith === undefined || addressText(message.to).endsWith(addressEndsWith)),
  );

const callFaults: ReadonlySet<string> = new Set(['silent', 'deaf', 'garbage', 'short', 'throws']);
export const isOfCall = ({ outcome }: SandboxFault): boolean => callFaults.has(outcome);

export const refusalOf = ({ outcome, code = outcome, retryAfterMs }: SandboxFault): SendResult => ({
  outcome: 'refused',
  errorClass: outcome as Extract<SendResult, { outcome: 'refused' }>['errorClass'],
  code,
  text: `The sandbox was told to answer ${outcome}.`,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

/** Taken, and when it can be asked again where it was not. */
export interface Rate {
  take(now: number): number | null;
}

export const createRate = (perSecond: () => number | undefined): Rate => {
  let second = 0;
  let taken = 0;
  return {
    take: (now) => {
      const most = perSecond();
      if (most === undefined) return null;
      const current = Math.floor(now / 1_000);
      if (current !== second) [second, taken] = [current, 0];
      taken += 1;
      return taken > most ? (current + 1) * 1_000 - now : null;
    },
  };
};

const rememberedMax = 10_000;

/** What was taken, the oldest forgotten first. */
export const createMemory = () => {
  const taken = new Set<string>();
  return {
    add: (clientReference: string): void => {
      taken.add(clientReference);
      if (taken.size > rememberedMax) taken.delete(taken.values().next().value as string);
    },
    has: (clientReference: string): boolean => taken.has(clientReference),
  };
};
