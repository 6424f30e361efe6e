/** A mail server on loopback that refuses by address, and does as it is told. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { Mode, Peer } from './peer.js';

const answer = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

const refusals: Readonly<Record<string, readonly [number, string]>> = {
  'gone@': [550, '5.1.1 No such user'],
  'busy@': [450, '4.2.1 Busy'],
  'fast@': [421, '4.7.28 Rate limit exceeded'],
  'grey@': [450, '4.2.0 Greylisted, please try again later'],
  'full@': [552, '5.2.2 Mailbox full'],
  'relay@': [554, '5.7.1 Relay access denied'],
};

export interface MailPeer extends Peer {
  readonly letters: string[];
  readonly connections: () => number;
  /** On everybody, without a word. */
  hangUp(): void;
  /** Of the text of the next letter. */
  afterText: 'take' | 'drop' | 'spam' | 'greylist';
}

export const openMail = async (changes: Partial<SMTPServerOptions> = {}): Promise<MailPeer> => {
  let mode: Mode = 'fine';
  let connections = 0;
  let silences = 0;
  const letters: string[] = [];
  const peer: Partial<MailPeer> = { afterText: 'take' };
  const server = new SMTPServer({
    ...{ disabledCommands: ['STARTTLS'], logger: false, allowInsecureAuth: true },
    ...{ authMethods: ['PLAIN', 'LOGIN'], closeTimeout: 50 },
    onConnect: (_session, done) => {
      connections += 1;
      if (mode === 'garbage') return done(answer(554, 'Zebra 😀 \u0000'));
      done();
    },
    onAuth: ({ username, password }, _session, done) => {
      const isKnown = mode !== 'account' && username === 'kopilka' && password === 'very secret';
      // Some servers repeat what they were given.
      if (!isKnown) return done(answer(535, `5.7.8 Bad password ${password}`));
      done(null, { user: username });
    },
    onRcptTo: ({ address }, _session, done) => {
      const found = Object.entries(refusals).find(([start]) => address.startsWith(start));
      done(found ? answer(...found[1]) : null);
    },
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        if (mode === 'silent') return void (silences += 1);
        const { afterText } = peer;
        peer.afterText = 'take';
        if (afterText === 'drop') {
          const { _socket } = [...server.connections].find(
            (one) => (one as { session?: unknown }).session === session,
          ) as unknown as { _socket: { destroy(): void } };
          return _socket.destroy();
        }
        if (afterText === 'spam') return done(answer(554, '5.7.1 Looks like spam'));
        if (afterText === 'greylist') return done(answer(451, '4.3.2 Come back'));
        letters.push(Buffer.concat(pieces).toString());
        done(null, 'queued as A1');
      });
    },
    ...changes,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const hangUp = (): void => {
    for (const one of server.connections) {
      (one as unknown as { _socket: { destroy(): void } })._socket.destroy();
    }
  };
  let closed: Promise<void> | undefined;
  return Object.assign(peer, {
    ...{ kind: 'smtp', channel: 'email', garbage: 'accountPermanent', letters },
    settings: {
      ...{ host: '127.0.0.1', port, security: 'none', connections: 2 },
      ...{ from: { address: 'shop@kopilka.example', name: 'Shop' } },
      unsubscribeMailbox: 'stop@kopilka.example',
    },
    secrets: { user: 'kopilka', password: 'very secret' },
    good: (n: number) => ({ kind: 'email', email: `person${n}@example.com`, name: `Person ${n}` }),
    bad: { kind: 'email', email: 'gone@example.com' },
    behave: (wanted: Mode) => void (mode = wanted),
    taken: () => letters.map((letter) => /^Message-ID: <([^@]+)@/m.exec(letter)?.[1] ?? ''),
    connections: () => connections,
    silences: () => silences,
    hangUp,
    close: () =>
      (closed ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        hangUp();
      })),
  } as const) as unknown as MailPeer;
};
