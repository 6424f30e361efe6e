/** A process that sends, to be killed: its provider hands everything to its parent, and waits for its word. */
import type { MessageId } from '../../../domain/ids.js';
import type { OpenedProvider } from '../../../workers/outreach/providers/open.js';
import { type LogSettings } from '../ownLog.js';
import { send } from './house.js';

export interface SenderPlan {
  readonly settings: LogSettings;
  /** Nothing comes back of its calls. */
  readonly hangs: boolean;
  /** Of its clock. */
  readonly aheadMs: number;
}

export type FromSender =
  | {
      readonly kind: 'sent';
      readonly id: number;
      readonly messages: readonly {
        readonly clientReference: string;
        readonly messageId: MessageId;
      }[];
    }
  | { readonly kind: 'asked'; readonly id: number; readonly clientReference: string };

interface ToSender {
  readonly kind: 'taken' | 'known';
  readonly id: number;
  readonly known?: boolean;
}

const waiting = new Map<number, (answer: ToSender) => void>();
let count = 0;
const ask = (message: Omit<FromSender, 'id'>): Promise<ToSender> =>
  new Promise((resolve) => {
    const id = (count += 1);
    waiting.set(id, resolve);
    process.send?.({ ...message, id });
  });

const openProvider = (): OpenedProvider => ({
  batchMax: 10,
  provider: {
    send: async (messages) => {
      const told = messages.map(({ clientReference, messageId }) => ({
        ...{ clientReference, messageId },
      }));
      await ask({ kind: 'sent', messages: told } as Omit<FromSender, 'id'>);
      return messages.map(() => ({ outcome: 'submitted' }));
    },
    reconcile: async (clientReference) => {
      const { known } = await ask({ kind: 'asked', clientReference } as Omit<FromSender, 'id'>);
      return known ? { outcome: 'submitted' } : { outcome: 'never-arrived' };
    },
    close: async () => undefined,
  },
});

process.once('message', ({ settings, aheadMs }: SenderPlan) => {
  process.on('message', (answer: ToSender) => waiting.get(answer.id)?.(answer));
  const now = (): number => Date.now() + aheadMs;
  send(settings, { now, openProvider, tuning: { leaseMs: 500 } });
});
process.on('disconnect', () => process.exit(0));
