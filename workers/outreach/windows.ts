/**
 * What one lane has to send, by class and channel, as far as it is in hand: a stretch of the queue, read in its order and read on behind
 * where it ends. What is in the tables beyond that is only known to be there.
 */
import {
  channels,
  type Channel,
  messageClasses,
  type MessageClass,
} from '../../domain/message/kinds.js';
import type { DueCursor, WindowAsked } from '../../projections/outbox/queries.js';
import type { Loaded } from './loaded.js';
import { createParked, type Parked } from './parked.js';

export interface Window {
  readonly tenant: string;
  readonly lane: number;
  readonly class: MessageClass;
  readonly channel: Channel;
  /** In order; the first goes first. */
  items: Loaded[];
  /** Of the last row that was read. */
  after: WindowAsked['after'];
  /** There may be rows behind it. */
  more: boolean;
  /** When something that waits is due, as far as is known; milliseconds since the epoch. */
  dueAt: number;
  /** What was taken of it and is blocked by those who would carry it. */
  readonly parked: Parked;
  /** Of what is due: how far it was read of what is to be sent, and of what needs something else. */
  sendAfter: DueCursor | null;
  workAfter: DueCursor | null;
  /** There may be more that is due to be sent; it is read when there is a place for it. */
  moreToSend: boolean;
  /** Something due then was heard of, of either kind: it is read again from there. */
  sendFrom: number;
  workFrom: number;
  /** It is read from the beginning then: for what there was no place for in hand. */
  againAt: number;
  /** Nobody takes anything of it until then. */
  blockedUntil: number;
  /** When what is ready was last looked through for what is over. */
  sweptAt: number;
  /** Grows with everything that is heard of it: what was read before does not tell of that. */
  heard: number;
}

export type WindowKey = string;
export const windowKey = (of: Pick<Window, 'class' | 'channel'>): WindowKey =>
  `${of.class} ${of.channel}`;

export const createWindows = (tenant: string, lane: number): ReadonlyMap<WindowKey, Window> =>
  new Map(
    messageClasses.flatMap((of) =>
      channels.map((channel): [WindowKey, Window] => [
        windowKey({ class: of, channel }),
        {
          tenant,
          lane,
          class: of,
          channel,
          items: [],
          after: null,
          more: true,
          dueAt: 0,
          blockedUntil: 0,
          sweptAt: 0,
          heard: 0,
          parked: createParked(),
          againAt: Infinity,
          moreToSend: false,
          sendAfter: null,
          workAfter: null,
          sendFrom: Infinity,
          workFrom: Infinity,
        },
      ]),
    ),
  );
