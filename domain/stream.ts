/**
 * The grammar of stream names: `<category>-<tenant>.<id>`.
 *
 * A category has no dash, so everything before the first dash is the category (EventStoreDB's own convention, which its
 * $ce- streams rely on); a tenant has no dot, so everything up to the first dot after it is the tenant.
 * Each aggregate has one builder made of `streamName`, and nobody else spells a name.
 */
import type { TenantId } from './ids.js';

export type StreamName = `${string}-${string}.${string}`;

export const streamName = (category: string, tenant: TenantId, id: string | number): StreamName =>
  `${category}-${tenant}.${id}`;

/** The parts of a name, or null where it does not follow the grammar (a system stream, somebody else's). */
export const parseStreamName = (
  name: string,
): { category: string; tenant: TenantId; id: string } | null => {
  const dash = name.indexOf('-');
  const dot = name.indexOf('.', dash);
  if (dash < 1 || dot < 0) return null;
  return {
    category: name.slice(0, dash),
    tenant: name.slice(dash + 1, dot) as TenantId,
    id: name.slice(dot + 1),
  };
};
