/**
 * The relays of all programmes: one process at a time hands facts on, the others stand by and take over when it is gone. Nothing runs
 * and nothing connects before there is a relay.
 */
import type { TenantId } from '../../../domain/ids.js';
import { publicationsStream } from '../../../domain/publication/publication.js';
import type { Directory } from '../../../commands/directory.js';
import type { RelayRecord } from '../../../commands/kafkaLinks.js';
import { pause } from '../../../projections/pause.js';
import { keepRunning } from '../keeper.js';
import { type RelayServices, runRelay } from './relay.js';

/** One process at a time does what has a name. */
export interface SoleRunner {
  /**
   * Waits for its turn, then does the work until the signal aborts; the work's own signal aborts too when the turn is lost, and it
   * waits for the next.
   */
  run(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
}

export interface Relays {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const lookEveryMs = 500;
const measureEveryMs = 2_000;

export const createRelays = (
  services: RelayServices & {
    readonly directory: Directory;
    readonly soleRunner: SoleRunner;
    /** Of the last fact of a stream; null where there is none. */
    readonly lastRevision: (stream: string) => Promise<number | null>;
  },
): Relays => {
  const { directory, soleRunner, lastRevision, reporter } = services;

  const wanted = (): ReadonlyMap<string, RelayRecord> => {
    const isWanted = ({ status, tenant }: RelayRecord): boolean =>
      status === 'active' && directory.tenant(tenant)?.status === 'active';
    const relays = directory.kafka.allRelays().filter(isWanted);
    return new Map(
      relays.map((relay) => [`${relay.tenant}.${relay.relayId} ${relay.generation}`, relay]),
    );
  };

  const measure = async (): Promise<void> => {
    for (const { tenant, relayId, source } of wanted().values()) {
      const { place } = reporter.state('relay', tenant, relayId);
      if (!('topicId' in source) || place === undefined || place === null) continue;
      const last = await lastRevision(publicationsStream(tenant, source.topicId));
      const behind = Math.max(0, (last ?? -1) - place);
      reporter.tell('relay', tenant, relayId, { behind });
    }
  };

  const measureOften = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      // What it would have said is said by the relays themselves, which ask the same log.
      await measure().catch(() => undefined);
      await pause(measureEveryMs, signal);
    }
  };

  const run = async (relay: RelayRecord, signal: AbortSignal): Promise<void> => {
    const tenant: TenantId = relay.tenant;
    await runRelay(relay, services, signal).finally(() =>
      reporter.forget('relay', tenant, relay.relayId),
    );
  };

  return {
    run: async (signal) => {
      while (!signal.aborted && wanted().size === 0) await pause(lookEveryMs, signal);
      if (signal.aborted) return;
      await soleRunner.run('kafka relays', signal, async (held) => {
        const onFailed = () => undefined;
        await Promise.all([
          keepRunning({ wanted, run, onFailed, signal: held }),
          measureOften(held),
        ]);
      });
    },
  };
};
