import { expect } from 'chai';
import { createLogger } from '../../../../platform/logging.js';
import { gelfAddressOf } from '../../../../platform/logging/gelf/address.js';
import { gelfMessageOf } from '../../../../platform/logging/gelf/message.js';

const origin = { host: 'shop-1', fields: { service: 'kopilka' } };
const of = (line: object | string) =>
  gelfMessageOf(typeof line === 'string' ? line : JSON.stringify(line), origin, 5_000);

describe('a log line as GELF', () => {
  it('says when, where and how severe, with every field in snake case', () => {
    const line = { level: 'warn', time: 1_700_000_000_123, pid: 7, msg: 'late' };
    const message = of({ ...line, correlationId: 'c-1', tookMs: 3, actor: { kind: 'till' } });
    expect(message).to.deep.equal({
      version: '1.1',
      host: 'shop-1',
      short_message: 'late',
      timestamp: 1_700_000_000.123,
      level: 4,
      _service: 'kopilka',
      _pid: 7,
      _correlation_id: 'c-1',
      _took_ms: 3,
      _actor_kind: 'till',
    });
  });

  it('has the level of syslog for each of ours', () => {
    const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
    expect(levels.map((level) => of({ level, msg: 'x' }).level)).to.deep.equal([2, 3, 4, 6, 7, 7]);
  });

  it('tells the stack of an error in full, and its name and code as fields', () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ logLevel: 'info', logFormat: 'json', logFile: '', destination });
    logger.error({ err: Object.assign(new Error('gone'), { code: 'ECONNRESET' }) }, 'failed');
    const message = of(lines[0] ?? '');
    expect(message.full_message).to.match(/^Error: gone\n +at /);
    expect(message).to.include({ _err_message: 'gone', _err_code: 'ECONNRESET', level: 3 });
    expect(message).not.to.have.property('_err_stack');
  });

  it('sends nothing that a receiver refuses: no _id, no other kinds of value, no endless texts', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, i]));
    const message = of({
      id: 1,
      ok: true,
      none: null,
      list: [1],
      'a b': 'x',
      long: 'y'.repeat(40_000),
    });
    expect(message).to.include({ _id_: 1, _ok: 'true', _list: '[1]', _a_b: 'x' });
    expect(message).not.to.have.property('_id');
    expect(message).not.to.have.property('_none');
    expect(String(message['_long']).length).to.equal(8_000);
    expect(Object.keys(of(many)).length).to.be.lessThan(90);
    for (const [name, value] of Object.entries(message)) {
      expect(name).to.match(/^[\w.-]+$/);
      expect(typeof value).to.be.oneOf(['string', 'number']);
    }
  });

  it('takes what is no line of ours as it is, and never has an empty message', () => {
    expect(of('Segmentation fault')).to.include({
      short_message: 'Segmentation fault',
      timestamp: 5,
      level: 6,
    });
    expect(of({ level: 'info', msg: '' }).short_message).to.equal('(no message)');
    expect(of('[1,2]').short_message).to.equal('[1,2]');
  });
});

describe('the address of a GELF receiver', () => {
  it('has a port, a path and credentials where they are named, and Graylog’s where not', () => {
    expect(gelfAddressOf('udp://logs.example')).to.include({ transport: 'udp', port: 12_201 });
    expect(gelfAddressOf('tcp://[::1]:5000')).to.include({ host: '::1', port: 5_000 });
    expect(gelfAddressOf('https://u:p%40ss@logs.example/in?a=1')).to.deep.include({
      port: 443,
      path: '/in?a=1',
      authorization: `Basic ${Buffer.from('u:p@ss').toString('base64')}`,
    });
    expect(gelfAddressOf('http://logs.example:12201').path).to.equal('/gelf');
  });

  it('refuses what is none', () => {
    for (const url of ['logs.example:12201', 'ftp://x', 'udp://', 'tcp://:1', '/gelf']) {
      expect(() => gelfAddressOf(url), url).to.throw('expected udp://');
    }
  });
});
