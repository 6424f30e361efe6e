/** What the workers have in common that answer facts with commands. */
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import type { Fact } from '../domain/fact.js';
import { createFollowing, type Follower, type FollowingOptions } from './following.js';
import { carryOut } from './persevere.js';

export interface AnsweringWorker {
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

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
    traceparent: metadata.traceparent,
  });

/** Answers facts one by one, each until it is done or refused for good, which is told and gone past. */
export const createAnswering = (
  options: FollowingOptions,
  {
    react,
    ...follower
  }: Pick<Follower, 'name' | 'eventTypes'> & { readonly react: (fact: Fact) => Promise<void> },
): AnsweringWorker =>
  createFollowing(options, {
    ...follower,
    take: (fact, signal) => carryOut(() => react(fact), signal, options.onFailed),
  });
