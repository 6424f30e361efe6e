/**
 * Decides for a secured node who a caller is and whether it may do what it asks. Wrong credentials end a call with
 * UNAUTHENTICATED; missing ones make a caller nobody, who may do nothing to any stream.
 */
import type { IncomingHttpHeaders } from 'node:http2';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import type { EventLog } from '../log/eventLog.js';
import { decidedBy, isAdmin, isAmong, rolesFor, type StreamAction } from './acl.js';
import { type Principal, type Users, UsersBusy } from './users.js';

const CREDENTIALS_MAX = 1024;

const unauthenticated = (): GrpcFailure =>
  new GrpcFailure(GrpcCode.unauthenticated, 'The user name or the password is wrong.');

export class Access {
  constructor(
    private readonly users: Users,
    private readonly log: Pick<EventLog, 'head'>,
  ) {}

  /** The caller by its `authorization` header; undefined without one. Throws `GrpcFailure` for a wrong one. */
  async authenticate(headers: IncomingHttpHeaders): Promise<Principal | undefined> {
    const { authorization } = headers;
    if (authorization === undefined) return undefined;
    const [, encoded] = /^basic +([a-z0-9+/=]+)$/i.exec(authorization) ?? [];
    if (encoded === undefined || encoded.length > CREDENTIALS_MAX) throw unauthenticated();
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0) throw unauthenticated();
    const user = await this.verify(text.slice(0, colon), text.slice(colon + 1));
    if (!user) throw unauthenticated();
    return user;
  }

  async mayUse(
    user: Principal | undefined,
    action: StreamAction,
    stream: string,
  ): Promise<boolean> {
    if (!user) return false;
    if (isAdmin(user)) return true;
    const decided = decidedBy(action, stream);
    if (!decided) return false;
    const { metadata } = await this.log.head(decided.stream);
    return isAmong(user, rolesFor(decided.key, decided.stream, metadata));
  }

  private async verify(name: string, password: string): Promise<Principal | undefined> {
    try {
      return await this.users.verify(name, password);
    } catch (error) {
      if (error instanceof UsersBusy)
        throw new GrpcFailure(GrpcCode.resourceExhausted, error.message);
      throw error;
    }
  }
}
