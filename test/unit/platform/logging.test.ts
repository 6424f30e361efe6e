import { expect } from 'chai';
import { createLogger } from '../../../platform/logging.js';
import { hidePersonal } from '../../../platform/logging/hidePersonal.js';
import { prettyLine } from '../../../platform/logging/pretty.js';

const recorder = (logLevel: 'info' | 'debug' = 'info') => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ logLevel, logFormat: 'json', logFile: '', destination });
  const last = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { logger, lines, last };
};

describe('logging', () => {
  it('writes one JSON object a line, with the level as a word', () => {
    const { logger, last, lines } = recorder();
    logger.info({ command: 'ConfirmPurchase', tookMs: 3 }, 'handled');
    expect(lines).to.have.length(1);
    expect(last()).to.include({
      level: 'info',
      command: 'ConfirmPurchase',
      tookMs: 3,
      msg: 'handled',
    });
  });

  it('writes nothing below its level', () => {
    const { logger, lines } = recorder();
    logger.debug('detail');
    expect(lines).to.deep.equal([]);
  });

  it('hides secrets and personal data at any depth, in children and in errors', () => {
    const { logger, lines } = recorder();
    const headers = { Authorization: 'Bearer hush', 'set-cookie': ['hush'], host: 'shop' };
    logger.info({ request: { headers, body: { people: [{ phoneNumber: 'hush', name: 'A' }] } } });
    logger.child({ component: 'pos' }).child({ tillToken: 'hush' }).info('child');
    const error = Object.assign(new Error('refused'), { config: { password: 'hush' } });
    logger.error({ err: error }, 'failed');
    expect(lines.join('')).not.to.contain('hush');
    expect(lines[0]).to.contain('"host":"shop"');
    expect(lines[1]).to.contain('"component":"pos"');
    expect(lines[2]).to.contain('refused').and.to.contain('"stack"');
  });

  it('judges names by their words, not by letters they share', () => {
    const harmless = { tokenId: '1', phoneCount: 2, broken: 3, secretary: 'x', key: 'card' };
    expect(hidePersonal(harmless)).to.equal(harmless);
    const hidden = hidePersonal({ access_token: 'x', eMail: 'x', clientSecret: 'x', cookies: {} });
    expect(new Set(Object.values(hidden))).to.deep.equal(new Set(['(hidden)']));
  });

  it('never changes the object it is given, and ends at a circle', () => {
    const fields: Record<string, unknown> = { nested: { password: 'x' } };
    fields['self'] = fields;
    hidePersonal(fields);
    expect((fields['nested'] as { password: string }).password).to.equal('x');
  });

  it('shows people one readable line, with the stack below', () => {
    const json = JSON.stringify({
      level: 'warn',
      time: 0,
      pid: 1,
      msg: 'late',
      till: 'T 1',
      n: 2,
      err: { stack: 'Error: x\n  at y' },
    });
    const plain = prettyLine(json).replace(/\u001b\[\d+m/g, '');
    expect(plain).to.equal('00:00:00.000 WARN  late till="T 1" n=2\nError: x\n  at y\n');
    expect(prettyLine('not json')).to.equal('not json');
  });
});
