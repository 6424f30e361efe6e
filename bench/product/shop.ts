/** What the benches ask of a running Kopilka over its own API: customers, a purchase, where the read models stand, jobs. */
import { type Http, connectHttp } from '../../cli/http/http.js';
import { openSession, type Session } from '../../cli/http/session.js';
import { gsrn } from '../../domain/gsrn.js';
import type { Cleanup } from '../cleanup.js';
import { purchasesPath } from '../load/receipts.js';
import type { Product } from './product.js';

export interface ReadModel {
  readonly projection: string;
  readonly behind: string;
  readonly secondsBehind: number | null;
  readonly events: number;
}

export interface Job {
  readonly jobId: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: { readonly events: number; readonly fraction: number } | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
}

export interface Shop {
  readonly session: Session;
  readonly till: Http;
  /** Enrols them unless they are. */
  enrol(users: readonly string[]): Promise<void>;
  confirm(userId: string, body: string): Promise<void>;
  readModels(): Promise<readonly ReadModel[]>;
  /** Waits until every read model has applied what concerns it. */
  untilApplied(deadlineMs: number): Promise<void>;
  /** Begins `rebuilds` or `verifications` of a read model and waits for the job's end. @throws where it failed. */
  work(
    projection: string,
    kind: 'rebuilds' | 'verifications',
    deadlineMs: number,
  ): Promise<{ readonly job: Job; readonly seconds: number }>;
}

/** Serial numbers far from those that the product gives away itself. */
export const customers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => gsrn('8018000', BigInt(5_000_000 + index)));

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const enrolledAtOnce = 16;

export const openShop = async (product: Product, cleanup: Cleanup): Promise<Shop> => {
  const session = await openSession({ data: product.dataDir });
  const till = connectHttp(product.url, { connections: enrolledAtOnce });
  cleanup.add(() => {
    session.close();
    till.close();
  });
  const token = product.tillToken;

  const enrol = async (users: readonly string[]): Promise<void> => {
    const waiting = [...users];
    const lane = async (): Promise<void> => {
      for (let userId = waiting.pop(); userId; userId = waiting.pop()) {
        await till.send({
          method: 'POST',
          path: '/pos/v1/users',
          body: { userId },
          token,
          idempotencyKey: `bench-${userId}`,
        });
      }
    };
    await Promise.all(Array.from({ length: enrolledAtOnce }, lane));
  };

  const readModels = async (): Promise<readonly ReadModel[]> =>
    (await session.get<{ items: ReadModel[] }>('/admin/v1/projections')).items;

  const untilApplied = async (deadlineMs: number): Promise<void> => {
    const giveUpAt = performance.now() + deadlineMs;
    for (;;) {
      const models = await readModels();
      if (models.every(({ secondsBehind }) => secondsBehind === 0)) return;
      if (performance.now() > giveUpAt) {
        throw new Error(`the read models did not catch up in ${deadlineMs} ms`);
      }
      await pause(50);
    }
  };

  const work: Shop['work'] = async (projection, kind, deadlineMs) => {
    const started = performance.now();
    const path = `/admin/v1/projections/${projection}/${kind}`;
    const { body } = await session.send<Job>({ method: 'POST', path });
    for (;;) {
      const job = await session.get<Job>(`/admin/v1/jobs/${body.jobId}`);
      const seconds = (performance.now() - started) / 1000;
      if (job.state === 'done') return { job, seconds };
      if (job.state !== 'running') throw new Error(`${kind} of ${projection}: ${job.error}`);
      if (seconds * 1000 > deadlineMs) throw new Error(`${kind} of ${projection} took too long`);
      await pause(25);
    }
  };

  return {
    session,
    till,
    enrol,
    confirm: async (userId, body) => {
      const path = purchasesPath(userId);
      await till.send({ method: 'POST', path, body: JSON.parse(body) as unknown, token });
    },
    readModels,
    untilApplied,
    work,
  };
};
