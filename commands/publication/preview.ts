/** Whether publications would be accepted as they are: judged as `publish` judges them, and nothing is recorded or counted. */
import type { Publication } from '../../domain/publication/publication.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import type { Directory } from '../directory.js';
import type { SchemaJudge } from '../schema/judge.js';
import { type Fault, faultsIn } from '../validation.js';
import { ownTopic } from './ownTopic.js';
import { PublishInput } from './publish.js';
import { judge } from './record.js';

export interface Previewed {
  readonly accepted: boolean;
  /** Of the schema that it is judged by; null: none is in use. */
  readonly schemaVersion: number | null;
  /** With pointers into the publication. */
  readonly faults: readonly Fault[];
}

/** @throws Rejected topic-not-found, not-topic-owner, topic-archived */
export type Preview = (
  input: PublishInput,
  context: Pick<CommandContext, 'tenant' | 'now'>,
) => readonly Previewed[];

const single = PublishInput.properties.publications.items;

export const createPreview =
  (options: { readonly directory: Directory; readonly schemaJudge: SchemaJudge }): Preview =>
  ({ topicId, partnerId, publications }, { tenant, now }) => {
    const { directory, schemaJudge } = options;
    const topic = ownTopic(directory, tenant, topicId, partnerId);
    if (topic.status === 'archived') throw rejected('topic-archived', { topicId });
    const publishing = directory.publishing.topic(tenant, topicId);
    const judgeOne = (publication: Publication): Previewed => {
      const invalid = faultsIn(single, publication);
      if (invalid.length > 0) return { accepted: false, schemaVersion: null, faults: invalid };
      try {
        const by = { tenant, topic, publishing, now };
        const { judged, faults, schemaFaults } = judge(publication, by, schemaJudge);
        const all = [...faults, ...schemaFaults];
        const schemaVersion = judged.schemaVersion ?? null;
        return { accepted: all.length === 0, schemaVersion, faults: all };
      } catch (error) {
        // It names a version of the schema that is not in use.
        if (!(error instanceof Rejected)) throw error;
        const fault = { pointer: '/dataschema', reason: error.message };
        return { accepted: false, schemaVersion: null, faults: [fault] };
      }
    };
    return publications.map(judgeOne);
  };
