/**
 * A real nginx with the configuration of deploy/nginx, on loopback and with TLS: only the three files that differ between
 * installations are of the test. Debian's package is enough (apt-get install nginx-light).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../platform/packageRoot.js';
import { selfSigned } from '../../conformance/eventstore/security/certificate.js';
import { quietPort } from '../../quietPort.js';

export const groups = ['pos', 'exchange', 'outreach', 'admin', 'audit'] as const;
export type Group = (typeof groups)[number];

const binary = ['/usr/sbin/nginx', 'nginx'].find(
  (name) => spawnSync(name, ['-v'], { timeout: 5_000 }).status === 0,
);
/** Null where it can be run; else why not. */
export const whyNot = binary === undefined ? 'no nginx here: apt-get install nginx-light' : null;

export interface Gateway {
  readonly url: string;
  readonly certificate: string;
  /** What it logged of requests, a JSON object a line, and of itself. */
  readonly logged: () => string;
  stop(): Promise<void>;
}

const startDeadlineMs = 20_000;

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve((socket.destroy(), true)));
    socket.once('error', () => resolve(false));
  });

const write = (folder: string, name: string, ...lines: string[]): void =>
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'] as const;

const configure = (
  folder: string,
  port: number,
  ports: Readonly<Record<Group, number>>,
): { certificate: string } => {
  cpSync(join(packageRoot, 'deploy/nginx'), folder, { recursive: true });
  const { certificate, key } = selfSigned();
  write(folder, 'certificate.pem', certificate);
  write(folder, 'key.pem', key);
  write(
    folder,
    'process.conf',
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    `error_log ${folder}/error.log warn;`,
  );
  write(
    folder,
    'site.conf',
    ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
    ...groups.map((name) => `upstream ${name} { server 127.0.0.1:${ports[name]}; keepalive 8; }`),
  );
  write(
    folder,
    'listen.conf',
    `listen 127.0.0.1:${port} ssl http2 default_server;`,
    `ssl_certificate ${folder}/certificate.pem;`,
    `ssl_certificate_key ${folder}/key.pem;`,
  );
  return { certificate };
};

const started = async (child: ChildProcess, port: number): Promise<boolean> => {
  const end = Date.now() + startDeadlineMs;
  while (Date.now() < end && child.exitCode === null) {
    if (await answers(port)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
};

/** @throws Error with what nginx said. */
export const startGateway = async (ports: Readonly<Record<Group, number>>): Promise<Gateway> => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-gateway-'));
  const output = openSync(join(folder, 'output.log'), 'a');
  const read = (name: string): string => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return '';
    }
  };
  const logged = () => read('output.log') + read('error.log');
  // Somebody else may take the port between its being free and nginx's listening on it.
  for (let attempt = 1; ; attempt += 1) {
    const port = await quietPort();
    const { certificate } = configure(folder, port, ports);
    const where = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'];
    const child = spawn(binary ?? 'nginx', where, { stdio: ['ignore', output, output] });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const stop = async (): Promise<void> => {
      if (child.exitCode === null) child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), startDeadlineMs);
      await ended;
      clearTimeout(overdue);
    };
    if (await started(child, port)) {
      return {
        url: `https://localhost:${port}`,
        certificate,
        logged,
        stop: async () => {
          await stop();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    }
    await stop();
    if (attempt === 3) throw new Error(`nginx did not start:\n${logged()}`);
  }
};
