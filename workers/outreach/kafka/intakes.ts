/** The topics of all programmes that take requests from Kafka: one for each class, each process with its share of the partitions. */
import type { TenantId } from '../../../domain/ids.js';
import { messageClasses } from '../../../domain/message/kinds.js';
import { keepRunning } from '../../kafka/keeper.js';
import { type RequestIntakeServices, type RequestTopic, runRequestIntake } from './intake.js';

export interface RequestIntakes {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export const createRequestIntakes = (
  services: RequestIntakeServices & {
    /** Programmes that take requests from Kafka. */
    readonly tenants: readonly string[];
  },
): RequestIntakes => {
  const { directory, tenants } = services;

  const wanted = (): ReadonlyMap<string, RequestTopic> => {
    const open = tenants.filter((one) => directory.tenant(one as TenantId)?.status === 'active');
    const topics = open.flatMap((one) =>
      messageClasses.map((of): RequestTopic => ({ tenant: one as TenantId, class: of })),
    );
    return new Map(topics.map((topic) => [`${topic.tenant}.${topic.class} 1`, topic]));
  };

  return {
    run: (signal) =>
      keepRunning({
        wanted,
        run: (topic, stopping) => runRequestIntake(topic, services, stopping),
        onFailed: () => undefined,
        signal,
      }),
  };
};
