/** A provider as an operator writes it, and what of it only its kind can judge. */
import { type Static, Type } from '@sinclair/typebox';
import { ProviderId } from '../../domain/ids.js';
import type { Channel } from '../../domain/message/kinds.js';
import { providerChanges, providerTerms } from '../../domain/provider/events.js';
import { rejected } from '../../domain/rejected.js';
import { isSameData } from '../../domain/sameData.js';
import { type Fault, faultsIn, InvalidInput } from '../validation.js';
import type { ProviderKinds, ProviderKindShown } from './kinds.js';

const closed = { additionalProperties: false } as const;

const Secrets = Type.Record(Type.String({ maxLength: 80 }), Type.Unknown(), {
  maxProperties: 30,
  description: 'As the kind describes them; sealed, and never shown again',
});

const { concurrency, ...terms } = providerTerms;

export const ProviderOrder = Type.Object(
  {
    providerId: ProviderId,
    ...terms,
    concurrency: Type.Optional(concurrency),
    secrets: Type.Optional(Secrets),
  },
  { ...closed, title: 'ProviderOrder' },
);
export type ProviderOrder = Static<typeof ProviderOrder>;

export const concurrencyDefault = 4;

export const ProviderChange = Type.Object(
  { ...providerChanges, secrets: Type.Optional(Secrets) },
  { ...closed, title: 'ProviderChange', minProperties: 1 },
);
export type ProviderChange = Static<typeof ProviderChange>;

/** As JSON; sealed, secrets take a third more. */
const bytesMax = { settings: 32_768, secrets: 8_192 } as const;

/** @throws Rejected provider-kind-unknown, provider-cannot-carry */
export const kindFor = (
  kinds: ProviderKinds,
  kind: string,
  channel: Channel,
): ProviderKindShown => {
  const found = kinds.find((one) => one.kind === kind);
  if (!found) {
    throw rejected('provider-kind-unknown', { kind, kinds: kinds.map((one) => one.kind) });
  }
  if (!found.channels.includes(channel)) {
    throw rejected('provider-cannot-carry', { kind, channel, channels: found.channels });
  }
  return found;
};

/**
 * Whoever may change a provider may not see its secrets: so they are not sent elsewhere than they were given for.
 * @throws InvalidInput
 */
export const assertStays = (
  { leadsTo = [] }: Pick<ProviderKindShown, 'leadsTo'>,
  before: unknown,
  after: unknown,
): void => {
  const [old, changed] = [before, after] as Record<string, unknown>[];
  const moved = leadsTo.filter((name) => !isSameData([old?.[name]], [changed?.[name]]));
  if (moved.length === 0) return;
  const reason = `must be given anew: with another ${moved.join(', ')} they go elsewhere`;
  throw new InvalidInput([{ pointer: '/secrets', reason }]);
};

/** @throws InvalidInput with every fault; of a secret where it is wrong and never what it is. */
export const assertFits = (
  kind: Pick<ProviderKindShown, 'settings' | 'secrets' | 'faults'>,
  given: { readonly settings?: unknown; readonly secrets?: unknown },
): void => {
  const faults: Fault[] = [];
  for (const part of ['settings', 'secrets'] as const) {
    const value = given[part];
    if (value === undefined) continue;
    const most = bytesMax[part];
    if (Buffer.byteLength(JSON.stringify(value)) > most) {
      faults.push({ pointer: `/${part}`, reason: `must not be more than ${most} bytes` });
      continue;
    }
    const found = faultsIn(kind[part], value);
    faults.push(...found.map(({ pointer, reason }) => ({ pointer: `/${part}${pointer}`, reason })));
  }
  if (faults.length === 0 && given.settings !== undefined && given.secrets !== undefined) {
    const found = kind.faults?.(given.settings, given.secrets) ?? [];
    faults.push(...found.map((reason) => ({ pointer: '/settings', reason })));
  }
  if (faults.length > 0) throw new InvalidInput(faults);
};
