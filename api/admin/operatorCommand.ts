/**
 * A request of an operator as a command: whose tenant, who acts, under which key.
 *
 * Routes of the console carry commands out as POS routes do, but their input is checked by the route: a few microseconds more, on
 * paths that are not hot, for knowing the merchant before the command is called.
 */
import type { CommandContext } from '../../commands/command.js';
import type { Handled, Handler } from '../../commands/handle.js';
import type { MerchantId } from '../../domain/ids.js';
import type { OperatorCaller } from '../auth/caller.js';
import { mustServe } from '../auth/access.js';
import { contextOf as circumstances } from '../commandContext.js';
import { refused } from '../refused.js';
import type { ApiRequest, Reply } from '../route.js';

export type Operation = ApiRequest<unknown, unknown, unknown>;

/** Routes with `operatorsOnly` let nobody else through: anything else here is a fault of the route. */
export const operatorOf = ({ caller }: Pick<Operation, 'caller'>): OperatorCaller => {
  if (caller.kind === 'operator') return caller;
  throw new Error(`a ${caller.kind} came through to a route of operators`);
};

/** For what concerns the whole programme. @throws Refused `forbidden` for an operator of one merchant. */
export const wholeTenant = (request: Pick<Operation, 'caller'>): OperatorCaller => {
  const caller = operatorOf(request);
  if (caller.merchantId === null) return caller;
  throw refused('forbidden', 'Use a login that is not bound to one merchant.');
};

/** For what belongs to one merchant. @throws Refused `foreign-merchant` */
export const forMerchant = (
  request: Pick<Operation, 'caller'>,
  merchantId: MerchantId | null | undefined,
): OperatorCaller => {
  if (merchantId == null) return wholeTenant(request);
  const caller = operatorOf(request);
  mustServe(caller, merchantId);
  return caller;
};

/** Without an Idempotency-Key each request is a command of its own. */
export const contextOf = (request: Operation): CommandContext => circumstances(request, undefined);

/** 201 for what was made now, 200 for a repeat. */
export const created = <Answer>({
  answer,
  position,
  repeated,
}: Handled<Answer>): Reply<Answer> => ({
  body: answer,
  status: repeated ? 200 : 201,
  position,
});

export const done = <Answer>({ answer, position }: Handled<Answer>): Reply<Answer> => ({
  body: answer,
  position,
});

export interface Registry {
  readonly handler: Handler;
}
