/**
 * A provider: an account at somebody who carries messages. Invariant: its kind and channel are for life, and a disabled one sends nothing
 * until an operator enables it. Its breaker and its handicap are what the dispatcher recorded; a late word of it never enables anything.
 */
import { type Aggregate, type EventOf, unreachable } from '../event.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import type {
  ProviderBreakerOpened,
  ProviderChanges,
  ProviderDisabled,
  ProviderEvent,
  ProviderTerms,
  ProviderWeightShifted,
} from './events.js';

export interface RegisteredProvider {
  readonly status: 'active' | 'disabled';
  readonly terms: ProviderTerms;
  /** Counts registrations and changes: another one is to be opened anew. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
  readonly disabled: { readonly reason: string; readonly since: number } | null;
  /** Null while it is closed. `openings`: in a row. */
  readonly breaker: {
    readonly reason: EventOf<typeof ProviderBreakerOpened>['data']['reason'];
    readonly since: number;
    readonly until: number;
    readonly openings: number;
    readonly code: string | null;
  } | null;
  /** Points of a hundred of its weight. */
  readonly handicap: number;
  readonly shiftedAt: number | null;
}
export type Provider = { readonly status: 'unknown' } | RegisteredProvider;

const without = <Terms extends object>(terms: Terms): Terms =>
  Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== null)) as Terms;

const begun = (terms: ProviderTerms, at: number): RegisteredProvider => ({
  status: 'active',
  terms,
  generation: 1,
  registeredAt: at,
  disabled: null,
  breaker: null,
  handicap: 0,
  shiftedAt: null,
});

export const provider: Aggregate<Provider, ProviderEvent> = {
  category: 'provider',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    const at = event.occurredAt;
    if (event.type === 'ProviderRegistered') return begun(event.data, at);
    if (state.status === 'unknown') return state;
    switch (event.type) {
      case 'ProviderChanged': {
        const terms = without({ ...state.terms, ...event.data }) as ProviderTerms;
        // Whatever was wrong may be what was changed.
        return { ...state, terms, generation: state.generation + 1, breaker: null };
      }
      case 'ProviderDisabled':
        return {
          ...state,
          status: 'disabled',
          disabled: { reason: event.data.reason, since: at },
        };
      case 'ProviderEnabled':
        return { ...state, status: 'active', disabled: null, breaker: null };
      case 'ProviderBreakerOpened': {
        const { reason, until, code = null } = event.data;
        const openings = (state.breaker?.openings ?? 0) + 1;
        const breaker = { reason, since: at, until: Date.parse(until), openings, code };
        return { ...state, breaker };
      }
      case 'ProviderBreakerClosed':
        return { ...state, breaker: null };
      case 'ProviderWeightShifted':
        return { ...state, handicap: event.data.handicap, shiftedAt: at };
      default:
        return unreachable(event);
    }
  },
};

/** @throws Rejected provider-not-found */
const known = (state: Provider): RegisteredProvider => {
  if (state.status === 'unknown') throw rejected('provider-not-found');
  return state;
};

/** A seal is another each time. */
const asked = ({ sealedSecrets, ...rest }: ProviderTerms) => ({
  ...rest,
  sealed: sealedSecrets !== undefined,
});

export const registerProvider = (command: ProviderTerms, state: Provider): ProviderEvent[] => {
  if (state.status === 'unknown') return [{ type: 'ProviderRegistered', data: command }];
  if (isSameData(asked(state.terms), asked(command))) return []; // already carried out
  throw rejected('already-registered', { providerId: command.providerId });
};

export const changeProvider = (command: ProviderChanges, state: Provider): ProviderEvent[] => {
  const now: Readonly<Record<string, unknown>> = known(state).terms;
  const differing = Object.entries(command).filter(
    ([name, value]) => value !== undefined && !isSameData(now[name] ?? null, value),
  );
  if (differing.length === 0) return []; // already so
  return [{ type: 'ProviderChanged', data: Object.fromEntries(differing) as ProviderChanges }];
};

export const disableProvider = (
  command: EventOf<typeof ProviderDisabled>['data'],
  state: Provider,
): ProviderEvent[] =>
  known(state).status === 'disabled' ? [] : [{ type: 'ProviderDisabled', data: command }];

/** Also closes the breaker: whoever enables it says that it is well. */
export const enableProvider = (state: Provider): ProviderEvent[] => {
  const { status, breaker } = known(state);
  return status === 'active' && breaker === null ? [] : [{ type: 'ProviderEnabled', data: {} }];
};

/** By what the dispatcher saw, which may be late: of a breaker that is open for longer already nothing is recorded. */
export const openBreaker = (
  command: EventOf<typeof ProviderBreakerOpened>['data'],
  state: Provider,
): ProviderEvent[] => {
  const { breaker } = known(state);
  if (breaker && breaker.until >= Date.parse(command.until)) return [];
  return [{ type: 'ProviderBreakerOpened', data: command }];
};

export const closeBreaker = (state: Provider): ProviderEvent[] =>
  known(state).breaker === null ? [] : [{ type: 'ProviderBreakerClosed', data: {} }];

export const shiftWeight = (
  command: EventOf<typeof ProviderWeightShifted>['data'],
  state: Provider,
): ProviderEvent[] =>
  known(state).handicap === command.handicap
    ? []
    : [{ type: 'ProviderWeightShifted', data: command }];
