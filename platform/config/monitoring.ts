/** Settings of what the process tells of itself: logs, traces and metrics. */
import { boolean, gelfReceiver, integer, oneOf, optionalUrl, share, text } from './kinds.js';
import { setting } from './setting.js';

export const monitoringSettings = {
  logLevel: setting({
    env: 'KOPILKA_LOG_LEVEL',
    kind: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    description: 'Least severe log lines that are written.',
  }),
  logFormat: setting({
    env: 'KOPILKA_LOG_FORMAT',
    kind: oneOf('auto', 'pretty', 'json'),
    default: 'auto',
    description: 'pretty is for people, json for programs; auto is pretty on a terminal.',
  }),
  logFile: setting({
    env: 'KOPILKA_LOG_FILE',
    kind: text,
    default: '',
    description: 'File that log lines are appended to; empty for standard error.',
  }),
  gelfUrl: setting({
    env: 'KOPILKA_GELF_URL',
    kind: gelfReceiver,
    default: '',
    secret: true,
    description: 'Receiver of logs, such as Graylog, that gets every line too; empty for none.',
  }),
  gelfBufferLines: setting({
    env: 'KOPILKA_GELF_BUFFER',
    kind: integer(100, 1_000_000),
    default: '10000',
    description:
      'Most log lines that wait for that receiver; beyond, they are dropped and counted, the least severe first.',
  }),
  otlpUrl: setting({
    env: 'KOPILKA_OTLP_URL',
    kind: optionalUrl('http', 'https'),
    default: '',
    secret: true,
    description:
      'OpenTelemetry collector that gets traces by OTLP over HTTP; empty for no tracing.',
  }),
  otlpShare: setting({
    env: 'KOPILKA_OTLP_SHARE',
    kind: share,
    default: '0.1',
    description:
      'How many of the traces that begin here are kept; the same trace in every process.',
  }),
  metrics: setting({
    env: 'KOPILKA_METRICS',
    kind: boolean,
    default: 'true',
    description: 'Whether /metrics is served.',
  }),
  monitoringToken: setting({
    env: 'KOPILKA_MONITORING_TOKEN',
    kind: text,
    default: '',
    secret: true,
    description: 'Bearer token that opens /metrics to other machines; empty: only to this one.',
  }),
} as const;
