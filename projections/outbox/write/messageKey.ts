/** The columns by which rows beside a message name it and the window of the queue that it is in. */
import { integer, text } from '../../columns.js';
import type { Moved } from './moved.js';

export const messageKey = {
  tenant: text<{ readonly one: Moved }>(({ one }) => one.tenant),
  lane: integer<{ readonly one: Moved }>(({ one }) => one.lane),
  class: text<{ readonly one: Moved }>(({ one }) => one.after.message.class),
  message_id: {
    ...text<{ readonly one: Moved }>(({ one }) => one.messageId),
    convert: (name: string) => `${name}::uuid`,
  },
} as const;
