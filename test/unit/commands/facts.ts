/** Facts for specs of read models: each with the next position, as the log would hand them out. */
import type { Fact } from '../../../domain/fact.js';
import type { TenantId } from '../../../domain/ids.js';

export const factMaker = (tenant = 'demo' as TenantId) => {
  let position = 0n;
  return (stream: string, type: string, data: unknown, occurredAt = 0): Fact => {
    position += 1n;
    return {
      id: `fact-${position}`,
      type,
      data,
      stream,
      revision: 0,
      position,
      recordedAt: occurredAt,
      metadata: {
        tenant,
        actor: { kind: 'operator', id: 'owner' },
        correlationId: 'c',
        causationId: 'c',
        commandId: `command-${position}`,
        occurredAt: new Date(occurredAt).toISOString(),
        schemaVersion: 1,
        fingerprint: '',
      },
    };
  };
};
