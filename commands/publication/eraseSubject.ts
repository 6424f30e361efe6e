/**
 * Forgets a person in the publications of a partner: the key of the person's data is destroyed, whatever was published and wherever
 * the log was copied to. The publications stay at their places, byte by byte, and are shown with nulls from then on.
 *
 * The event comes first and the key after it: a command that broke off between the two is finished by its repeat, whereas a key
 * destroyed without an event would be a loss that nobody decided.
 */
import { type Static, Type } from '@sinclair/typebox';
import { PartnerId } from '../../domain/ids.js';
import { SubjectKey } from '../../domain/publication/publication.js';
import {
  eraseSubject as decide,
  publishedSubject,
  publishedSubjectStream,
} from '../../domain/publication/subject.js';
import { rejected } from '../../domain/rejected.js';
import { type CommandContext, defineCommand } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import type { PersonalKeys } from '../personalData.js';
import { keyOwnerOf, subjectKeyOf } from './sealing.js';

export const EraseSubjectInput = Type.Object(
  {
    partnerId: PartnerId,
    subject: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'The person, as the publisher names them',
    }),
    reason: Type.String({ maxLength: 500 }),
  },
  { additionalProperties: false, title: 'ErasePublishedSubject' },
);

const erase = defineCommand({
  name: 'ErasePublishedSubject',
  summary: 'Destroys the key of the personal data of a person in publications; for ever.',
  input: Type.Object(
    { partnerId: PartnerId, subjectKey: SubjectKey, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false },
  ),
  aggregate: publishedSubject,
  stream: (input, context) => publishedSubjectStream(context.tenant, input.subjectKey),
  // Also of one that was revoked: its publications stay, and so does the right to be forgotten in them.
  lookUp: ({ partnerId }, { tenant }, { directory }) => {
    if (!directory.exchange.partner(tenant, partnerId)) {
      throw rejected('partner-not-found', { partnerId });
    }
  },
  decide: (input, state) => decide(input, state),
  answer: ({ input: { partnerId, subjectKey } }) => ({ partnerId, subjectKey }),
});

export interface ErasedSubject {
  readonly partnerId: PartnerId;
  /** What stands for the person in the events. */
  readonly subjectKey: SubjectKey;
}

export type EraseSubject = (
  input: Static<typeof EraseSubjectInput>,
  context: CommandContext,
) => Promise<Handled<ErasedSubject>>;

export const eraseSubjectName = erase.name;

export const createEraseSubject =
  (handler: Handler, keys: PersonalKeys): EraseSubject =>
  async ({ partnerId, subject, reason }, context) => {
    const { tenant } = context;
    const subjectKey = await subjectKeyOf(keys, tenant, partnerId, subject);
    const handled = await handler.handle(erase, { partnerId, subjectKey, reason }, context);
    await keys.destroy(tenant, keyOwnerOf(partnerId, subjectKey));
    return handled;
  };
