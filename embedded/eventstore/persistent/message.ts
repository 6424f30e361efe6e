/** A message of a group: an event on its way to being processed, and how often that was tried. */
export interface Message {
  /** Counts what the group has taken up since it was started; retries go out in this order. */
  readonly sequence: number;
  /** What the client answers by: the 16 bytes, as latin1, of the id of the link where there is one, else the event's. */
  readonly id: string;
  /** Revision or position of the event in the group's source; -1 for a replayed one. */
  readonly place: number;
  /** Revision in the parked stream that a replayed message came from. */
  readonly parkedAt: number | undefined;
  /** The ReadEvent as it is sent, but for the retry count. */
  readonly body: Buffer;
  /** Stream and revision of the event, which a link to it names. */
  readonly stream: string;
  readonly revision: number;
  readonly retries: number;
}

/** What a message is made of, before a group has taken it up. */
export type Offer = Pick<Message, 'id' | 'place' | 'body' | 'stream' | 'revision'>;

/** The next try of a message. */
export const retryOf = (message: Message): Message => ({
  ...message,
  retries: message.retries + 1,
});
