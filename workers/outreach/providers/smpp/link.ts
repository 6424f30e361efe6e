/**
 * One bound connection to an SMS centre, opened when there is something to send and again after it broke, each time a little later.
 *
 * Invariant: every request ends with what the centre answered, or with whether it was written: one that was and has no answer may have
 * arrived. No more than the window are without an answer at a time.
 */
import { connect as connectTls } from 'node:tls';
import type { Duplex } from 'node:stream';
import { isIP } from 'node:net';
import type { ProviderDial } from '../port.js';
import type { Pdu, SmppLibrary, SmppSession } from './library.js';
import type { SmppSecrets, SmppSettings } from './settings.js';
import { createWindow } from './window.js';

export type Asked =
  | { readonly kind: 'answered'; readonly pdu: Pdu }
  | { readonly kind: 'lost'; readonly isWritten: boolean; readonly code: string };

/** Binding failed: by what the centre answered, or before. */
export class NotBound extends Error {
  override readonly name = 'NotBound';
  constructor(
    readonly code: string,
    /** command_status; null: it did not come to that. */
    readonly status: number | null,
    /** When it is tried again. */
    readonly retryAt: number,
  ) {
    super(`The SMS centre did not let us in: ${code}`);
  }
}

export interface Link {
  /** Stays bound from now on, also while there is nothing to send: receipts come of themselves. */
  keep(): void;
  /** @throws NotBound */
  ask(
    command: string,
    fields: Readonly<Record<string, unknown>>,
    deadline: AbortSignal,
  ): Promise<Asked>;
  close(): Promise<void>;
}

interface Bound {
  readonly session: SmppSession;
  readonly pending: Map<number, (asked: Asked) => void>;
}

const windowDefault = 10;
const enquireDefaultSeconds = 30;
const bindMs = 10_000;
const unbindMs = 500;
const backOffMs = { first: 500, most: 30_000 } as const;
const interfaceVersion = 0x34;

const codeOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'Error');
};

export const createLink = (options: {
  readonly library: SmppLibrary;
  readonly dial: ProviderDial;
  readonly settings: SmppSettings;
  readonly secrets: SmppSecrets;
  readonly now: () => number;
  /** Answers true once it was taken: the centre is told so then. */
  readonly onDeliver: (pdu: Pdu) => Promise<boolean>;
  readonly onTrouble: (error: unknown) => void;
}): Link => {
  const { library, dial, settings, secrets, now, onDeliver, onTrouble } = options;
  const { window = windowDefault, enquireSeconds = enquireDefaultSeconds } = settings;
  const places = createWindow(window);
  let bound: Promise<Bound> | null = null;
  let failures = 0;
  let retry: NotBound | null = null;
  let isClosed = false;
  let isKept = false;
  let reviving: NodeJS.Timeout | null = null;

  const encrypted = (socket: Duplex): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      const { host, certificateAuthority } = settings;
      const tls = connectTls({
        socket,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      });
      tls.once('error', reject).once('secureConnect', () => {
        tls.off('error', reject);
        resolve(tls);
      });
    });

  const lose = ({ session, pending }: Bound, code: string): void => {
    session.destroy();
    const settled = [...pending.values()];
    pending.clear();
    for (const settle of settled) settle({ kind: 'lost', isWritten: true, code });
  };

  const deliver = async ({ session }: Bound, pdu: Pdu): Promise<void> => {
    const isTaken = await onDeliver(pdu).catch((error: unknown) => {
      onTrouble(error);
      return false;
    });
    const status = isTaken ? 0 : (library.errors['ESME_RX_T_APPN'] ?? 0x64);
    session.send(pdu.response({ command_status: status }));
  };

  const request = (to: Bound, pdu: Pdu, deadline: AbortSignal): Promise<Asked> =>
    new Promise((resolve) => {
      const settle = (asked: Asked): void => {
        deadline.removeEventListener('abort', cut);
        to.pending.delete(pdu.sequence_number);
        delete to.session._callbacks[pdu.sequence_number];
        resolve(asked);
      };
      const cut = (): void => settle({ kind: 'lost', isWritten: true, code: 'no-answer' });
      const isWritten = to.session.send(pdu, (answer) => settle({ kind: 'answered', pdu: answer }));
      if (!isWritten) return settle({ kind: 'lost', isWritten: false, code: 'ECONNRESET' });
      to.pending.set(pdu.sequence_number, settle);
      deadline.addEventListener('abort', cut, { once: true });
    });

  const opened = async (deadline: AbortSignal): Promise<Bound> => {
    const { host, port, systemId, systemType = '' } = settings;
    const plain = await dial({ host, port, deadline });
    const cut = (): void => void plain.destroy();
    deadline.addEventListener('abort', cut, { once: true });
    try {
      const socket = settings.tls === true ? await encrypted(plain) : plain;
      const made: Bound = { session: new library.Session({ socket }), pending: new Map() };
      const { session } = made;
      session.on('error', (error: unknown) => lose(made, codeOf(error)));
      session.on('close', () => {
        lose(made, 'ECONNRESET');
        if (current !== made) return;
        forget();
        if (isKept) revive();
      });
      session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
      session.on('unbind', (pdu: Pdu) => {
        session.send(pdu.response());
        session.close();
      });
      session.on('deliver_sm', (pdu: Pdu) => void deliver(made, pdu));
      const fields = { system_id: systemId, password: secrets.password, system_type: systemType };
      const bind = new library.PDU('bind_transceiver', {
        ...fields,
        interface_version: interfaceVersion,
      });
      const asked = await request(made, bind, deadline);
      const status = asked.kind === 'answered' ? asked.pdu.command_status : null;
      if (status !== 0) {
        session.destroy();
        const code = asked.kind === 'lost' ? asked.code : `status ${String(status)}`;
        throw Object.assign(new Error('not bound'), { code, status });
      }
      watch(made);
      return made;
    } finally {
      deadline.removeEventListener('abort', cut);
    }
  };

  let current: Bound | null = null;
  const forget = (): void => {
    bound = null;
    current = null;
  };

  /** A connection that does not answer is none. */
  const watch = (made: Bound): void => {
    const timer = setInterval(() => {
      const pdu = new library.PDU('enquire_link');
      void request(made, pdu, AbortSignal.timeout(enquireSeconds * 1_000)).then((asked) => {
        if (asked.kind === 'lost') made.session.destroy();
      });
    }, enquireSeconds * 1_000).unref();
    made.session.once('close', () => clearInterval(timer));
  };

  const bind = async (deadline: AbortSignal): Promise<Bound> => {
    try {
      const made = await opened(AbortSignal.any([deadline, AbortSignal.timeout(bindMs)]));
      current = made;
      [failures, retry] = [0, null];
      return made;
    } catch (error) {
      forget();
      failures += 1;
      const wait = Math.min(backOffMs.most, backOffMs.first * 2 ** Math.min(10, failures - 1));
      const { status = null } = error as { status?: number | null };
      retry = new NotBound(codeOf(error), status, now() + wait);
      throw retry;
    }
  };

  const ready = (deadline: AbortSignal): Promise<Bound> => {
    if (isClosed) return Promise.reject(new NotBound('closed', null, now()));
    if (!bound && retry && now() < retry.retryAt) return Promise.reject(retry);
    return (bound ??= bind(deadline));
  };

  const revive = (): void => {
    if (isClosed || reviving) return;
    const wait = Math.max(backOffMs.first, (retry?.retryAt ?? 0) - now());
    reviving = setTimeout(() => {
      reviving = null;
      ready(AbortSignal.timeout(bindMs)).catch(revive);
    }, wait).unref();
  };

  return {
    keep: () => {
      isKept = true;
      ready(AbortSignal.timeout(bindMs)).catch(revive);
    },
    ask: async (command, fields, deadline) => {
      const late: Asked = { kind: 'lost', isWritten: false, code: 'not-sent' };
      if (deadline.aborted || !(await places.enter(deadline))) return late;
      try {
        const to = await ready(deadline);
        if (deadline.aborted) return late;
        return await request(to, new library.PDU(command, fields), deadline);
      } finally {
        places.leave();
      }
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      if (reviving) clearTimeout(reviving);
      const to = await bound?.catch(() => null);
      if (!to) return;
      await request(to, new library.PDU('unbind'), AbortSignal.timeout(unbindMs));
      to.session.destroy();
    },
  };
};
