/**
 * Who may do what to a stream: EventStoreDB's access control lists, as pure rules.
 *
 * A list stands in the stream's metadata under `$acl` and names users and groups per action. What it does not say is
 * open to every user for ordinary streams and to `$admins` alone for those whose name begins with `$`, `$all` among
 * them. `$admins` may do everything whatever a list says. Metadata have actions of their own.
 */
import { isMetastream } from '../log/append.js';
import type { StreamMetadata } from '../log/streamMetadata.js';
import type { Principal } from './users.js';

export type StreamAction = 'read' | 'write' | 'delete';

export const ALL_STREAM = '$all';
const EVERYBODY = '$all';
const ADMINS = '$admins';
const OPERATORS = '$ops';

/** Lists that have a name. */
const USER_STREAMS = '$userStreamAcl';
const SYSTEM_STREAMS = '$systemStreamAcl';

const KEYS = { read: '$r', write: '$w', delete: '$d', metadataRead: '$mr', metadataWrite: '$mw' };
export type AclKey = keyof typeof KEYS;

/** The stream whose list decides, and which entry of it; undefined for what nobody but `$admins` may ask. */
export const decidedBy = (
  action: StreamAction,
  stream: string,
): { stream: string; key: AclKey } | undefined => {
  if (isMetastream(stream)) {
    if (action === 'delete') return undefined;
    return { stream: stream.slice(2), key: action === 'read' ? 'metadataRead' : 'metadataWrite' };
  }
  if (stream === ALL_STREAM && action !== 'read') return undefined;
  return { stream, key: action };
};

/** The users and groups that may. A list is one with a name, or has entries that are one name or several. */
export const rolesFor = (
  key: AclKey,
  stream: string,
  metadata: StreamMetadata | undefined,
): readonly string[] => {
  const acl = metadata?.values['$acl'];
  if (acl === USER_STREAMS) return [EVERYBODY];
  if (acl === SYSTEM_STREAMS) return [ADMINS];
  const entry =
    typeof acl === 'object' && acl !== null
      ? (acl as Record<string, unknown>)[KEYS[key]]
      : undefined;
  if (typeof entry === 'string') return [entry];
  if (Array.isArray(entry)) return entry.filter((role) => typeof role === 'string');
  return stream.startsWith('$') ? [ADMINS] : [EVERYBODY];
};

export const isAdmin = ({ groups }: Principal): boolean => groups.includes(ADMINS);

/** Those who manage persistent subscriptions. */
export const isOperator = ({ groups }: Principal): boolean =>
  groups.includes(ADMINS) || groups.includes(OPERATORS);

export const isAmong = ({ name, groups }: Principal, roles: readonly string[]): boolean =>
  roles.some((role) => role === EVERYBODY || role === name || groups.includes(role));
