/**
 * Has the messages accepted that policies make: those of one policy together, each under the key of its fact. What is refused is told and
 * gone past, since it would be again; where the log is away, all of it is tried again, and what was accepted is met as a repeat.
 */
import type { AcceptMessages, AcceptResult } from '../../../commands/message/accept.js';
import type { Outreach, PolicyVersion } from '../../../commands/outreach.js';
import type { TenantId } from '../../../domain/ids.js';
import type { TriggerKind } from '../../../domain/policy/policy.js';
import { Rejected } from '../../../domain/rejected.js';
import type { Occasion } from './occasion.js';
import { requestOf } from './request.js';

export interface MadeOf {
  readonly tenant: TenantId;
  readonly policyId: string;
  readonly trigger: TriggerKind;
  readonly accepted: number;
  readonly repeated: number;
  /** Code -> how many. */
  readonly refused: ReadonlyMap<string, number>;
}

export interface MessagingOptions {
  readonly accept: AcceptMessages;
  readonly outreach: Outreach;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onMade: (made: MadeOf) => void;
}

/** At most `messagesMax` of commands/message/accept.ts. @throws what keeps a message from being recorded or refused. */
export type MakeMessages = (
  tenant: TenantId,
  policy: PolicyVersion,
  occasions: readonly Occasion[],
) => Promise<void>;

const codeOf = (error: Error): string => (error instanceof Rejected ? error.code : 'invalid-input');

const counted = (
  results: readonly AcceptResult[],
): Pick<MadeOf, 'accepted' | 'repeated' | 'refused'> => {
  let accepted = 0;
  let repeated = 0;
  const refused = new Map<string, number>();
  for (const result of results) {
    if (result.kind === 'accepted') {
      if (result.repeated) repeated += 1;
      else accepted += 1;
    } else if (result.kind === 'refused') {
      const code = codeOf(result.error);
      // Met again after the policy, or the time it is sent at, had changed: it was made before.
      if (code === 'idempotency-key-reused') repeated += 1;
      else refused.set(code, (refused.get(code) ?? 0) + 1);
    }
  }
  return { accepted, repeated, refused };
};

export const createMessaging =
  ({ accept, outreach, now, onMade }: MessagingOptions): MakeMessages =>
  async (tenant, policy, occasions) => {
    const { policyId, content } = policy;
    const told = { tenant, policyId, trigger: content.trigger.kind };
    const refuseAll = (code: string): void => {
      const refused = new Map([[code, occasions.length]]);
      onMade({ ...told, accepted: 0, repeated: 0, refused });
    };
    const { templateId, version } = content.template;
    const template = outreach.template(tenant, templateId, version)?.content;
    if (!template) return refuseAll('template-not-found');
    const at = now();
    const { timeZone } = outreach.rules(tenant).rules;
    const items = occasions.map((one) => requestOf(policy, one, { template, timeZone, now: at }));
    const [cause] = occasions;
    try {
      const results = await accept(items, {
        tenant,
        now: at,
        actor: { kind: 'worker', id: 'policies' },
        requester: { kind: 'policy', id: policyId },
        correlationId: `policy ${policyId}`,
        ...(cause?.causationId === undefined ? {} : { causationId: cause.causationId }),
      });
      onMade({ ...told, ...counted(results) });
      const away = results.find((one) => one.kind === 'unavailable');
      if (away?.kind === 'unavailable') throw away.error;
    } catch (error) {
      // Of a tenant that left nothing is said any more.
      if (!(error instanceof Rejected)) throw error;
      refuseAll(error.code);
    }
  };
