/** What the workers have in common that answer facts with commands. */
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import type { Fact } from '../domain/fact.js';
import type { FollowingOptions } from './following.js';

export interface AnsweringOptions extends FollowingOptions {
  readonly handler: Handler;
}

/**
 * The circumstances of what the worker of this name commands in answer to a fact. The key is made of the fact, so a repeat is known as
 * one; `part` tells several answers to the same fact apart.
 */
export const answering =
  (name: string, now: () => number) =>
  ({ id, metadata }: Fact, part?: string): CommandContext => ({
    tenant: metadata.tenant,
    actor: { kind: 'worker', id: name },
    now: now(),
    idempotencyKey: part === undefined ? `${name} ${id}` : `${name} ${id} ${part}`,
    correlationId: metadata.correlationId,
    causationId: id,
  });
