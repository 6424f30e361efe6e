/** The bindings of all programmes: each process reads its share of the partitions of each. Nothing connects before there is a binding. */
import type { Directory } from '../../../commands/directory.js';
import type { BindingRecord } from '../../../commands/kafkaLinks.js';
import { keepRunning } from '../keeper.js';
import { type IntakeServices, runIntake } from './intake.js';

export interface Intakes {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export const createIntakes = (
  services: IntakeServices & { readonly directory: Directory },
): Intakes => {
  const { directory, reporter } = services;

  /** Messages wait in Kafka while nothing can be published: they are no dead letters. */
  const isWanted = ({ status, tenant, partnerId, topicId }: BindingRecord): boolean =>
    status === 'active' &&
    directory.tenant(tenant)?.status === 'active' &&
    directory.exchange.partner(tenant, partnerId)?.status === 'active' &&
    directory.exchange.topic(tenant, topicId)?.status === 'active';

  const wanted = (): ReadonlyMap<string, BindingRecord> => {
    const bindings = directory.kafka.allBindings().filter(isWanted);
    return new Map(
      bindings.map((one) => [`${one.tenant}.${one.bindingId} ${one.generation}`, one]),
    );
  };

  const run = (binding: BindingRecord, signal: AbortSignal): Promise<void> =>
    runIntake(binding, services, signal).finally(() =>
      reporter.forget('binding', binding.tenant, binding.bindingId),
    );

  return {
    run: (signal) => keepRunning({ wanted, run, onFailed: () => undefined, signal }),
  };
};
