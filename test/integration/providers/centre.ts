/** An SMS centre on loopback: the server side of the smpp package, which does as it is told. */
import { createRequire } from 'node:module';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Address } from '../../../domain/message/address.js';
import type { Pdu, SmppSession } from '../../../workers/outreach/providers/smpp/library.js';
import type { Mode, Peer } from './peer.js';

export const smpp = createRequire(import.meta.url)('smpp') as {
  createServer(options: object, listener: (session: ServerSession) => void): Server;
  readonly errors: Record<string, number>;
};
type ServerSession = SmppSession & {
  readonly socket: Socket;
  deliver_sm(fields: object, onResponse?: (response: Pdu) => void): boolean;
  enquire_link(onResponse: (response: Pdu) => void): boolean;
};

export interface Submitted {
  readonly to: string;
  readonly text: string;
  readonly coding: number;
  readonly receipt: boolean;
  /** Of the message that it is a part of. */
  readonly reference: number | undefined;
}

export interface Centre extends Peer {
  readonly submitted: Submitted[];
  readonly sessions: ServerSession[];
  readonly binds: () => number;
  /** Statuses of the next submissions; 0 once they are used up. */
  readonly statuses: number[];
  /** How many were without an answer at one time. */
  readonly most: () => number;
  answerAfterMs: number;
  enquiries: number;
}

export const phone = (n: number): Address => ({
  kind: 'phone',
  phone: `+4915112345${String(n).padStart(3, '0')}`,
});
const bodyOf = (pdu: Pdu): string => {
  const field = (pdu.message_payload ?? pdu.short_message) as { message?: string | Buffer };
  return String(field.message ?? '');
};

const referenceOf = (pdu: Pdu): number | undefined => {
  const { udh } = (pdu.short_message ?? {}) as { udh?: readonly Buffer[] };
  return udh?.[0]?.[2];
};

export const openCentre = async (tls: object = {}): Promise<Centre> => {
  let mode: Mode = 'fine';
  let binds = 0;
  let silences = 0;
  let underWay = 0;
  let most = 0;
  const submitted: Submitted[] = [];
  const sessions: ServerSession[] = [];
  const statuses: number[] = [];
  const centre: Partial<Centre> = { answerAfterMs: 0, enquiries: 0 };
  const server = smpp.createServer(tls, (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
    session.on('bind_transceiver', (pdu: Pdu & { password?: string }) => {
      binds += 1;
      const isKnown = mode !== 'account' && pdu.password === 'sesame42';
      session.send(pdu.response({ command_status: isKnown ? 0 : smpp.errors['ESME_RINVPASWD'] }));
    });
    session.on('unbind', (pdu: Pdu) => {
      session.send(pdu.response());
      session.close();
    });
    session.on('enquire_link', (pdu: Pdu) => {
      centre.enquiries = (centre.enquiries ?? 0) + 1;
      if (mode !== 'silent') session.send(pdu.response());
    });
    session.on('submit_sm', (pdu: Pdu & { registered_delivery?: number }) => {
      if (mode === 'silent') return void (silences += 1);
      if (mode === 'garbage') return void session.socket.write(Buffer.alloc(64, 0xff));
      underWay += 1;
      most = Math.max(most, underWay);
      const isGone = pdu.destination_addr === '4900000000';
      const status = isGone ? smpp.errors['ESME_RINVDSTADR'] : (statuses.shift() ?? 0);
      if (status === 0) {
        submitted.push({
          ...{ to: pdu.destination_addr ?? '', text: bodyOf(pdu), coding: pdu.data_coding ?? -1 },
          receipt: pdu.registered_delivery === 1,
          reference: referenceOf(pdu),
        });
      }
      const message_id = `id${submitted.length}`;
      setTimeout(() => {
        underWay -= 1;
        session.send(pdu.response({ command_status: status, message_id }));
      }, centre.answerAfterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return Object.assign(centre, {
    ...{ kind: 'smpp', channel: 'sms', garbage: 'unknownOutcome', submitted, sessions, statuses },
    settings: { host: '127.0.0.1', port, systemId: 'kopilka', source: { address: 'KOPILKA' } },
    secrets: { password: 'sesame42' },
    good: phone,
    bad: { kind: 'phone', phone: '+4900000000' },
    behave: (wanted: Mode) => void (mode = wanted),
    taken: () => submitted.map(({ text }) => text.replace('Text number ', 'ref')),
    binds: () => binds,
    silences: () => silences,
    most: () => most,
    close: () =>
      (closed ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const { socket } of sessions) socket.destroy();
      })),
  } as const) as unknown as Centre;
};
