/**
 * Facts that a process records of its own accord, at nobody's command. What goes into one append is a command by itself, and its own cause: so
 * a repeat of the append is known by the ids of its events.
 */
import type { DomainEvent } from '../domain/event.js';
import type { Actor, NewFact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import { eventIdOf } from './commandId.js';

export interface OwnCommand {
  readonly tenant: TenantId;
  readonly actor: Actor;
  /** Another for every append, the same for its repeats. */
  readonly commandId: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export const ownFacts = (
  events: readonly DomainEvent[],
  { tenant, actor, commandId, now }: OwnCommand,
): NewFact[] => {
  const occurredAt = new Date(now).toISOString();
  return events.map(({ type, data }, index) => ({
    id: eventIdOf(commandId, index),
    type,
    data,
    metadata: {
      tenant,
      actor,
      correlationId: commandId,
      causationId: commandId,
      commandId,
      occurredAt,
      schemaVersion: 1,
      fingerprint: '',
    },
  }));
};
