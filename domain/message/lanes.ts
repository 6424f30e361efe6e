/**
 * Lanes: the journals that a programme's messages are spread over, each with one sender at a time. One-time passwords have lanes of their own,
 * so that who sends them has nothing else to do (docs/decisions/0032).
 */
import type { TenantId } from '../ids.js';
import { streamName } from '../stream.js';

/** Of each kind. */
export const lanesMax = 64;

/** Those of one-time passwords are numbered from here. */
const urgentFrom = lanesMax;
export const lanesEnd = 2 * lanesMax;

export type LaneKind = 'usual' | 'urgent';

export const laneKindOf = (lane: number): LaneKind => (lane < urgentFrom ? 'usual' : 'urgent');

/** The same share of the other lanes. @param lane from 0 on */
export const urgentLane = (lane: number): number => urgentFrom + lane;

/** The journal of the messages of one lane. */
export const outboxStream = (tenant: TenantId, lane: number) => streamName('outbox', tenant, lane);
