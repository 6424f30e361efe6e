/**
 * Stands before the methods of a secured node: knows the caller before a method sees the first message, and asks
 * whether it may before the method acts on it. What a method writes is checked where it is written.
 */
import type { GrpcCall } from '../grpc/call.js';
import type { MethodHandler } from '../grpc/server.js';
import type { Writes } from '../log/eventLog.js';
import { accessDenied } from '../read/failures.js';
import type { Access } from './access.js';
import { isOperator } from './acl.js';
import { GuardedWrites } from './guardedWrites.js';
import type { Principal } from './users.js';

/** Whether the caller may have this first message of its call acted on; throws `GrpcFailure` when not. */
export type FirstMessageCheck = (
  message: Buffer,
  access: Access,
  user: Principal | undefined,
) => Promise<void> | void;

export class Gate {
  private readonly callers = new WeakMap<GrpcCall, Principal>();

  constructor(private readonly access: Access) {}

  /** The handler behind the gate. Without a check it is open to all but those with wrong credentials. */
  guard(handler: MethodHandler, check?: FirstMessageCheck): MethodHandler {
    return (call) => {
      call.pause();
      this.access
        .authenticate(call.headers)
        .then((user) => {
          if (call.ended) return;
          if (user) this.callers.set(call, user);
          handler(call);
          if (check) this.holdFirst(call, check);
          call.resume();
        })
        .catch((error: unknown) => call.fail(error));
    };
  }

  /** Who makes this call; undefined for one without credentials. */
  callerOf(call: GrpcCall): Principal | undefined {
    return this.callers.get(call);
  }

  /** What this call may write through. */
  writes(call: GrpcCall, writes: Writes): Writes {
    return new GuardedWrites(writes, this.access, () => this.callerOf(call));
  }

  /** Keeps back the messages of the call until the first of them is checked. */
  private holdFirst(call: GrpcCall, check: FirstMessageCheck): void {
    const { onMessage, onHalfClose } = call;
    const held: Buffer[] = [];
    let isHalfClosed = false;
    call.onHalfClose = () => {
      isHalfClosed = true;
    };
    const release = (): void => {
      call.onMessage = onMessage;
      call.onHalfClose = onHalfClose;
      for (const message of held) if (!call.ended) call.onMessage(message);
      if (isHalfClosed && !call.ended) call.onHalfClose();
      call.resume();
    };
    call.onMessage = (message) => {
      held.push(message);
      if (held.length > 1) return;
      call.pause();
      this.verdict(message, check, call)
        .then(release)
        .catch((error: unknown) => call.fail(error));
    };
  }

  private async verdict(message: Buffer, check: FirstMessageCheck, call: GrpcCall): Promise<void> {
    await check(message, this.access, this.callerOf(call));
  }
}

/** For methods that read one stream, which `streamOf` finds in the request. */
export const readsStream =
  (streamOf: (message: Buffer) => string): FirstMessageCheck =>
  async (message, access, user) => {
    if (!(await access.mayUse(user, 'read', streamOf(message)))) throw accessDenied();
  };

export const usersOnly: FirstMessageCheck = (_message, _access, user) => {
  if (!user) throw accessDenied();
};

export const operatorsOnly: FirstMessageCheck = (_message, _access, user) => {
  if (!user || !isOperator(user)) throw accessDenied();
};
