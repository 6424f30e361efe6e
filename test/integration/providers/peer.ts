/** What every kind of provider is tried against: a peer on loopback that can be told to misbehave, and the provider opened as in the product. */
import type { ProviderRecord } from '../../../commands/carriers.js';
import type { MessageId, ProviderId, TenantId } from '../../../domain/ids.js';
import type { Channel, MessageClass } from '../../../domain/message/kinds.js';
import { openProviderPorts } from '../../../platform/compose/providerPorts.js';
import { openProvider, type OpenedProvider } from '../../../workers/outreach/providers/open.js';
import type { Address } from '../../../domain/message/address.js';
import type { Outgoing, Receipt } from '../../../workers/outreach/providers/port.js';

/** silent: takes what is written and answers nothing. account: refuses who we are. */
export type Mode = 'fine' | 'silent' | 'garbage' | 'account';

export interface Peer {
  readonly kind: string;
  readonly channel: Channel;
  readonly settings: object;
  readonly secrets: object;
  good(n: number): Address;
  /** One that it refuses for good; null where its protocol cannot. */
  readonly bad: Address | null;
  behave(mode: Mode): void;
  /** Client references, or what stands for them, of what it took. */
  taken(): readonly string[];
  /** How often it kept silent of what it was asked to send. */
  silences(): number;
  /** Whether what it was written can be told from what it was not: garbage then leaves the outcome unknown. */
  readonly garbage: 'unknownOutcome' | 'transient' | 'accountPermanent';
  /** Of an address that may not be reached; of the account unless recipients name it. */
  readonly refusedNetwork?: 'recipientPermanent';
  close(): Promise<void>;
}

export const outgoing = (to: Address, n = 1, changes: Partial<Outgoing> = {}): Outgoing => ({
  messageId: String(n).padStart(32, '0') as MessageId,
  ...{ attempt: 1, class: 'transactional' as MessageClass, clientReference: `ref${n}`, to },
  content: { subject: `Subject ${n}`, text: `Text number ${n}` },
  expiresAt: Date.now() + 60_000,
  ...changes,
});

export interface Opened extends OpenedProvider {
  readonly receipts: Receipt[];
  readonly troubles: unknown[];
  close(): Promise<void>;
}

const loopback = ['127.0.0.0/8', '::1/128'];

export const openTo = (
  { kind, channel, settings, secrets }: Pick<Peer, 'kind' | 'channel' | 'settings' | 'secrets'>,
  options: {
    readonly networks?: readonly string[];
    readonly onReceipts?: (receipts: readonly Receipt[]) => void | Promise<void>;
  } = {},
): Opened => {
  const network = openProviderPorts(options.networks ?? loopback);
  const receipts: Receipt[] = [];
  const troubles: unknown[] = [];
  const record = {
    ...{ tenant: 'demo' as TenantId, providerId: 'tried' as ProviderId, kind, channel, settings },
    ...{ concurrency: 1, generation: 1 },
  } as unknown as ProviderRecord;
  const opened = openProvider(record, secrets as Record<string, unknown>, {
    ...{ now: () => Date.now(), ...network.ports },
    onReceipts: (more) => {
      receipts.push(...more);
      return options.onReceipts?.(more);
    },
    onTrouble: (error) => void troubles.push(error),
  });
  return {
    ...{ ...opened, receipts, troubles },
    close: async () => {
      await opened.provider.close();
      await network.close();
    },
  };
};

export const until = async (isSo: () => boolean, what: string): Promise<void> => {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
