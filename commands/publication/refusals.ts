/**
 * Why publications would be refused, each by itself: what `publish` throws for the first of them, told of all. Nothing is recorded or
 * counted. For who publishes many at once and leaves out those that spoil it for the others.
 */
import { Rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import type { Directory } from '../directory.js';
import type { PersonalKeys } from '../personalData.js';
import type { SchemaJudge } from '../schema/judge.js';
import { ownTopic } from './ownTopic.js';
import type { PublishInput } from './publish.js';
import { judgeAll, recordable } from './record.js';

/** In the order of the publications; null: it would be taken. @throws InvalidInput, Rejected topic-not-found, not-topic-owner */
export type Refusals = (
  input: PublishInput,
  context: Pick<CommandContext, 'tenant' | 'now'>,
) => Promise<readonly (Rejected | null)[]>;

export const createRefusals =
  (options: {
    readonly directory: Directory;
    readonly schemaJudge: SchemaJudge;
    readonly keys: PersonalKeys;
  }): Refusals =>
  async ({ topicId, partnerId, publications }, { tenant, now }) => {
    const { directory, schemaJudge, keys } = options;
    const topic = ownTopic(directory, tenant, topicId, partnerId);
    const publishing = directory.publishing.topic(tenant, topicId);
    const reasons: (Rejected | null)[] = [];
    for (const publication of publications) {
      try {
        const [judged] = judgeAll([publication], { tenant, topic, publishing, now }, schemaJudge);
        if (judged) await recordable(keys, tenant, partnerId, judged);
        reasons.push(null);
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        reasons.push(error);
      }
    }
    return reasons;
  };
