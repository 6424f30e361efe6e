/**
 * A part of the directory in a file of its own: an in-memory read model of one feature, given the same facts in the same order.
 *
 * createDirectory makes the parts, hands them what they ask for and waits for them with the rest, so whoever has a directory has
 * them all, and each is as fresh as the others.
 */
import type { Fact } from '../domain/fact.js';

export interface DirectoryPart {
  /** What `apply` wants to be given. */
  readonly eventTypes: ReadonlySet<string>;
  /** In global order, each fact once. */
  apply(fact: Fact): void;
}
