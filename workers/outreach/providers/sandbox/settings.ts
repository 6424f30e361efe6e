/** What a sandbox can be told to do: how long it takes, what it refuses, when it is silent, what it reports afterwards. */
import { type Static, Type } from '@sinclair/typebox';
import { errorClasses } from '../../../../domain/message/kinds.js';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const Milliseconds = Type.Integer({ minimum: 0, maximum: 600_000 });

/** What befalls a whole call. */
const callFaults = ['silent', 'deaf', 'garbage', 'short', 'throws'] as const;

export const SandboxFault = Type.Object(
  {
    every: optional(
      Type.Integer({ minimum: 1, description: 'Each n-th message; left out: every message' }),
    ),
    addressEndsWith: optional(
      Type.String({ maxLength: 80, description: 'Only messages to such addresses' }),
    ),
    outcome: Type.Union(
      [...errorClasses, ...callFaults].map((name) => Type.Literal(name)),
      {
        description:
          'A class of refusal for the message; or of its whole call: silent answers nothing until the deadline, deaf not even then, garbage ' +
          'and short answer what nobody can use, throws breaks',
      },
    ),
    code: optional(Type.String({ minLength: 1, maxLength: 80 })),
    retryAfterMs: optional(Milliseconds),
    arrives: optional(
      Type.Boolean({ description: 'Of an outcome that nobody knows: whether it was taken' }),
    ),
  },
  { ...closed, title: 'SandboxFault' },
);
export type SandboxFault = Static<typeof SandboxFault>;

export const SandboxSettings = Type.Object(
  {
    control: optional(
      Type.String({ maxLength: 80, description: 'By which a test of the same process takes it' }),
    ),
    batchMax: optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    delayMs: optional(Type.Integer({ ...Milliseconds, description: 'Of every call' })),
    perSecond: optional(
      Type.Integer({ minimum: 1, description: 'Messages; beyond it they are throttled' }),
    ),
    faults: optional(Type.Array(SandboxFault, { maxItems: 20 })),
    receipts: optional(
      Type.Object(
        {
          afterMs: Milliseconds,
          status: Type.Union([
            Type.Literal('deliveredToOperator'),
            Type.Literal('delivered'),
            Type.Literal('undelivered'),
            Type.Literal('seen'),
            Type.Literal('read'),
            Type.Literal('clicked'),
          ]),
        },
        { ...closed, description: 'Reported of what was taken' },
      ),
    ),
    reconcile: optional(
      Type.Union([Type.Literal('remembers'), Type.Literal('unknown')], {
        description: 'What it says when asked of a call that nothing came back of',
      }),
    ),
  },
  { ...closed, title: 'SandboxSettings' },
);
export type SandboxSettings = Static<typeof SandboxSettings>;

export const SandboxSecrets = Type.Object(
  {
    callbackToken: optional(
      Type.String({ minLength: 16, maxLength: 200, description: 'Bearer token of its callbacks' }),
    ),
  },
  { ...closed, title: 'SandboxSecrets' },
);
export type SandboxSecrets = Static<typeof SandboxSecrets>;
