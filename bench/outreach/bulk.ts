/** Another programme on the stores of a running product, with as many marketing messages as are asked for. */
import { randomUUID } from 'node:crypto';
import { createDirectory } from '../../commands/directory.js';
import { createAcceptMessages, messagesMax } from '../../commands/message/accept.js';
import { outreachRulesDefault, outreachRulesStream } from '../../domain/consent/rules.js';
import type { Fact, NewFact } from '../../domain/fact.js';
import type { ProviderId, TenantId } from '../../domain/ids.js';
import { providerStream } from '../../domain/provider/events.js';
import { eventDefinitions } from '../../domain/registry.js';
import { tenantStream } from '../../domain/tenant/tenant.js';
import { connect, createLog, disconnect } from '../../platform/eventstore/client.js';
import { createCodec } from '../../platform/eventstore/codec.js';
import { createPostgresPersonalKeys } from '../../platform/postgres/personalKeys.js';
import { createPool } from '../../platform/postgres/pool.js';
import type { Cleanup } from '../cleanup.js';
import type { Product } from '../product/product.js';
import { logConnectionString, postgresUrl } from '../product/stores.js';

export interface Bulk {
  request(messages: number): Promise<void>;
  /** What is requested meanwhile waits. */
  hold(): Promise<void>;
  goOn(): Promise<void>;
}

const tenant = 'bulk' as TenantId;
const providerId = 'bulk_one' as ProviderId;

export const openBulk = async (product: Product, cleanup: Cleanup): Promise<Bulk> => {
  const client = connect(logConnectionString(product));
  const log = createLog(client, createCodec(eventDefinitions));
  const pool = createPool(
    { connectionString: postgresUrl(product) },
    { applicationName: 'bench', max: 4, onIdleError: () => undefined },
  );
  cleanup.add(async () => {
    await pool.end();
    await disconnect(client);
  });
  const directory = createDirectory();
  let position = 0n;
  const record = async (stream: string, type: string, data: object): Promise<void> => {
    const id = randomUUID();
    const fact: NewFact = {
      id,
      type,
      data,
      metadata: {
        tenant,
        actor: { kind: 'system', id: 'bench' },
        correlationId: id,
        causationId: id,
        commandId: id,
        occurredAt: new Date().toISOString(),
        schemaVersion: 1,
        fingerprint: '',
      },
    };
    ({ position } = await log.append(stream, 'any', [fact]));
    directory.apply({ ...fact, stream, revision: 0, position, recordedAt: Date.now() } as Fact);
  };
  await record(tenantStream(tenant), 'TenantRegistered', {
    tenantId: tenant,
    name: 'Bulk',
    currency: 'EUR',
    gsrnPrefix: '8018000011',
  });
  await record(outreachRulesStream(tenant), 'OutreachRulesSet', {
    version: 1,
    rules: { ...outreachRulesDefault, askFirst: { service: false, marketing: false } },
  });
  await record(providerStream(tenant, providerId), 'ProviderRegistered', {
    providerId,
    kind: 'sandbox',
    channel: 'email',
    settings: {},
    concurrency: 4,
  });
  const accept = createAcceptMessages({ log, directory, keys: createPostgresPersonalKeys(pool) });
  let requested = 0;
  return {
    hold: () => record(providerStream(tenant, providerId), 'ProviderDisabled', { reason: 'held' }),
    goOn: () => record(providerStream(tenant, providerId), 'ProviderEnabled', {}),
    request: async (messages) => {
      const first = requested;
      requested += messages;
      for (let from = 0; from < messages; from += messagesMax) {
        const count = Math.min(messagesMax, messages - from);
        const items = Array.from({ length: count }, (_, index) => ({
          key: `bulk ${first + from + index}`,
          request: {
            class: 'marketing',
            channel: 'email',
            until: 'accepted',
            recipient: { email: `nobody${first + from + index}@example.com` },
            text: { subject: 'News', text: 'There is something new.' },
          },
        }));
        const results = await accept(items, {
          tenant,
          actor: { kind: 'operator', id: 'ann' },
          now: Date.now(),
          requester: { kind: 'operator', id: 'ann' },
          correlationId: randomUUID(),
        });
        const fault = results.find(({ kind }) => kind !== 'accepted');
        if (fault && 'error' in fault) throw fault.error;
      }
    },
  };
};
