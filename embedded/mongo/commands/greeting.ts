/** Commands by which drivers and shells get to know the server. */
import { MongoFault } from '../errors.js';
import { documentBytesMax } from '../store/collection.js';
import { MESSAGE_BYTES_MAX } from '../wire/frames.js';
import type { Call, Command } from './command.js';
import { writesMax } from './writing.js';

/** The server whose behaviour is followed. */
const version = '7.0.0';
const maxWireVersion = 21;

const greeting = ({ service, connectionId }: Call) => ({
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: documentBytesMax,
  maxMessageSizeBytes: MESSAGE_BYTES_MAX,
  maxWriteBatchSize: writesMax,
  localTime: new Date(service.now()),
  logicalSessionTimeoutMinutes: 30,
  connectionId,
  minWireVersion: 0,
  maxWireVersion,
  readOnly: false,
});

const greets = (name: string): Command => ({ name, fields: null, run: greeting });

const empty = (name: string): Command => ({ name, fields: null, run: () => ({}) });

export const greetings: readonly Command[] = [
  greets('hello'),
  greets('isMaster'),
  greets('ismaster'),
  empty('ping'),
  empty('endSessions'),
  empty('refreshSessions'),
  empty('killSessions'),
  empty('logout'),
  {
    name: 'buildInfo',
    fields: null,
    run: () => ({
      version,
      versionArray: [...version.split('.').map(Number), 0],
      gitVersion: 'kopilka-embedded',
      modules: ['kopilka'],
      bits: 64,
      debug: false,
      maxBsonObjectSize: documentBytesMax,
      storageEngines: ['inMemory'],
    }),
  },
  {
    name: 'serverStatus',
    fields: null,
    run: ({ service }) => ({
      host: 'localhost',
      version,
      process: 'kopilka',
      pid: process.pid,
      uptime: Math.floor((service.now() - service.startedAt) / 1000),
      localTime: new Date(service.now()),
      metrics: { cursor: { open: { total: service.cursors.size } } },
      mem: { resident: Math.round(process.memoryUsage.rss() / 1_048_576) },
      storageEngine: { name: 'inMemory', persistent: false },
    }),
  },
  {
    name: 'connectionStatus',
    fields: null,
    run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] } }),
  },
  { name: 'whatsmyuri', fields: null, run: () => ({ you: '127.0.0.1' }) },
  { name: 'getLog', fields: null, run: () => ({ totalLinesWritten: 0, log: [] }) },
  {
    name: 'getParameter',
    fields: null,
    run: () => ({ featureCompatibilityVersion: { version: '7.0' } }),
  },
  { name: 'getCmdLineOpts', fields: null, run: () => ({ argv: ['kopilka'], parsed: {} }) },
  {
    name: 'hostInfo',
    fields: null,
    run: ({ service }) => ({
      system: { currentTime: new Date(service.now()), hostname: 'localhost' },
    }),
  },
  {
    name: 'saslStart',
    fields: null,
    run: () => {
      const message =
        'Authentication failed: the embedded document store has no users; leave user and password out';
      throw new MongoFault('AuthenticationFailed', message);
    },
  },
];
