/** Whether a step of a strategy has its turn for a message: all of its conditions hold. Pure. */
import { unreachable } from '../event.js';
import type { AddressKind, MessageClass } from '../message/kinds.js';
import type { StepCondition } from './step.js';

export interface StepFacts {
  readonly class: MessageClass;
  readonly has: (kind: AddressKind) => boolean;
  readonly variables: Readonly<Record<string, unknown>>;
}

const holds = (condition: StepCondition, facts: StepFacts): boolean => {
  switch (condition.kind) {
    case 'has':
      return facts.has(condition.address);
    case 'class':
      return condition.in.includes(facts.class);
    case 'variable':
      return facts.variables[condition.name] === condition.equals;
    default:
      return unreachable(condition);
  }
};

export const conditionsHold = (
  conditions: readonly StepCondition[] | undefined,
  facts: StepFacts,
): boolean =>
  (conditions ?? []).every((condition) => holds(condition, facts) !== (condition.not ?? false));
