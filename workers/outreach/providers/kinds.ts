/** Every kind of provider there is. A new one is a folder, and a line here. */
import type { ProviderRecord } from '../../../commands/carriers.js';
import { http } from './http/kind.js';
import type { ProviderKind } from './port.js';
import { sandbox } from './sandbox/kind.js';
import { smpp } from './smpp/kind.js';
import { smtp } from './smtp/kind.js';
import { telegram } from './telegram/kind.js';
import { webpush } from './webpush/kind.js';

export const providerKinds: readonly ProviderKind[] = [
  sandbox,
  smtp,
  smpp,
  http,
  webpush,
  telegram,
];

const byName = new Map(providerKinds.map((kind) => [kind.kind, kind]));

/** Whether the provider says no more of a message once it has taken it. */
export const tellsNoMore = ({
  kind,
  settings,
  sealedSecrets,
}: Pick<ProviderRecord, 'kind' | 'settings' | 'sealedSecrets'>): boolean => {
  const known = byName.get(kind);
  if (known?.receipts === 'none') return true;
  return known?.expectsReceipts?.(settings, sealedSecrets !== undefined) === false;
};

/** Of one that reports failures only: how long its silence takes to speak for a message. Undefined: others tell of deliveries, or nothing. */
export const silenceSecondsOf = ({
  kind,
  settings,
}: Pick<ProviderRecord, 'kind' | 'settings'>): number | undefined =>
  byName.get(kind)?.silenceSeconds?.(settings);

export const providerKindOf = (kind: string): ProviderKind | undefined => byName.get(kind);
