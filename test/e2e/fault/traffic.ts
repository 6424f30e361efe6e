/**
 * Tills that confirm purchases from several connections and remember what they were told: the witnesses of a fault run.
 *
 * A purchase is written down before it is sent, so that whatever becomes of the answer, it is known that it may be recorded.
 */
import { connectHttp, NoAnswer, Problem } from '../../../cli/http/http.js';

export interface Confirmed {
  readonly purchaseId: string;
  readonly total: number;
  readonly pointsEarned: number;
  readonly pointsRedeemed: number;
}

export interface Witnessed {
  readonly userId: string;
  readonly body: {
    readonly purchaseId: string;
    readonly lines: readonly object[];
    readonly redeemPoints: number;
  };
  outcome: 'unanswered' | 'refused' | 'confirmed';
  answer: Confirmed | null;
}

export interface Traffic {
  readonly witnessed: readonly Witnessed[];
  /** Resolves when every connection has met the end of the server, or was told to stop. */
  run(target: Target): Promise<void>;
  stop(): void;
  /** The same purchase again under its key, as a till repeats what was not answered. */
  repeat(purchase: Witnessed, target: Target): Promise<void>;
}

export interface Target {
  readonly url: string;
  readonly tillToken: string;
}

const connections = 8;
const answerDeadlineMs = 20_000;

export const createTraffic = (users: readonly string[], random: () => number): Traffic => {
  const witnessed: Witnessed[] = [];
  let stopped = false;

  const upTo = (most: number): number => 1 + Math.floor(random() * most);

  const purchase = (): Witnessed => ({
    userId: users[Math.floor(random() * users.length)] as string,
    body: {
      purchaseId: `fault-${witnessed.length + 1}`,
      lines: Array.from({ length: upTo(5) }, () => ({
        productId: `SKU${upTo(40)}`,
        quantity: upTo(3),
        price: 100 * upTo(50),
      })),
      // Now and then somebody pays with points: fewer than the receipt allows, perhaps more than there are.
      redeemPoints: random() < 0.3 ? 100 * upTo(40) : 0,
    },
    outcome: 'unanswered',
    answer: null,
  });

  const confirm = async (http: ReturnType<typeof connectHttp>, sold: Witnessed, token: string) => {
    try {
      const { body } = await http.send<Confirmed>({
        method: 'POST',
        path: `/pos/v1/users/${sold.userId}/purchases`,
        body: sold.body,
        token,
        idempotencyKey: sold.body.purchaseId,
        deadlineMs: answerDeadlineMs,
      });
      sold.answer = body;
      sold.outcome = 'confirmed';
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      sold.outcome = 'refused';
    }
  };

  return {
    witnessed,
    run: async ({ url, tillToken }) => {
      stopped = false;
      const http = connectHttp(url, { connections });
      const till = async (): Promise<void> => {
        while (!stopped) {
          const sold = purchase();
          witnessed.push(sold);
          try {
            await confirm(http, sold, tillToken);
          } catch (error) {
            if (error instanceof NoAnswer || error instanceof Problem) return;
            throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: connections }, till)).finally(() => http.close());
    },
    stop: () => (stopped = true),
    repeat: async (sold, { url, tillToken }) => {
      const http = connectHttp(url, { connections: 1 });
      await confirm(http, sold, tillToken).finally(() => http.close());
    },
  };
};
