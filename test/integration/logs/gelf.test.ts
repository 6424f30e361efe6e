/** Logs by GELF, from a logger to a receiver on loopback, through the thread that hands them over. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { openLogging, type OpenLogging } from '../../../platform/logging/open.js';
import { createMetrics } from '../../../platform/metrics.js';
import { forwardLog } from '../../../embedded/thread/forwardLog.js';
import { quietPort } from '../../quietPort.js';
import { type Receiver, receiveHttp, receiveTcp, receiveUdp } from './receivers.js';

const deadlineMs = 15_000;

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

describe('logs by GELF', () => {
  const closing: (() => Promise<unknown>)[] = [];
  const onEnd = <T extends Receiver>(receiver: T): T => {
    closing.push(receiver.close);
    return receiver;
  };
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const open = async (gelfUrl: string, gelfBufferLines = 10_000) => {
    const own: string[] = [];
    const destination = { write: (line: string) => void own.push(line) };
    const logging: OpenLogging = await openLogging(
      {
        ...{ logLevel: 'info', logFormat: 'json', logFile: '', roles: ['pos', 'admin'] },
        ...{ gelfUrl, gelfBufferLines },
      },
      destination,
    );
    closing.push(() => logging.close(200));
    const metrics = createMetrics();
    logging.measure(metrics);
    const measured = async (name: string): Promise<number> => {
      const text = await metrics.render();
      const found = text.split('\n').find((line) => line.startsWith(`${name} `));
      return Number(found?.slice(name.length + 1));
    };
    const dropped = (reason: string) =>
      measured(`kopilka_log_lines_dropped_total{reason="${reason}"}`);
    return { ...logging, own, measured, dropped };
  };
  const told = (receiver: Receiver) => receiver.messages.map((one) => one['short_message']);
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`);

  it('by UDP: compressed, in chunks where they are long, in order, and none of it personal', async () => {
    const receiver = onEnd(await receiveUdp());
    const { logger, close } = await open(`udp://127.0.0.1:${receiver.port}`);
    const [a, b, c, d] = Array.from({ length: 4 }, () => randomBytes(3_500).toString('hex'));
    logger.child({ component: 'pos' }).warn({ correlationId: 'c-1', phone: '+7900' }, 'first');
    logger.info({ a, b, c, d }, 'long');
    // A few at a time: datagrams that nobody fetches in time are lost.
    for (let from = 0; from < 300; from += 30) {
      for (const text of numbers(300).slice(from, from + 30)) logger.info(text);
      await until('those lines', () => receiver.messages.length === 2 + from + 30);
    }
    await close(2_000);
    expect(told(receiver)).to.deep.equal(['first', 'long', ...numbers(300)]);
    expect(receiver.messages[0]).to.include({
      ...{ version: '1.1', level: 4, _component: 'pos', _correlation_id: 'c-1' },
      ...{ _service: 'kopilka', _roles: 'pos,admin', _phone: '(hidden)' },
    });
    expect(JSON.stringify(receiver.messages)).not.to.contain('+7900');
    expect(receiver.messages[1]).to.include({ _a: a, _d: d });
    expect(receiver.chunked).to.have.length(1);
    expect(receiver.largest()).to.be.at.most(8_192);
  });

  it('by TCP: in order, whatever the receiver says, on again where it broke off', async () => {
    const receiver = onEnd(await receiveTcp({ answers: 'garbage\0\n' }));
    const { logger, own } = await open(`tcp://127.0.0.1:${receiver.port}`);
    for (const text of numbers(500)) logger.info(text);
    await until('the first lines', () => receiver.messages.length === 500);
    await receiver.cut();
    logger.error({ err: new Error('broken') }, 'after');
    await until('the line after', () => told(receiver).includes('after'));
    expect(told(receiver)).to.deep.equal([...numbers(500), 'after']);
    expect(receiver.messages.at(-1)?.['full_message']).to.match(/^Error: broken\n/);
    expect(own).to.have.length(501);
  });

  it('by HTTP: many in one request, with the credentials of the URL', async () => {
    const receiver = onEnd(await receiveHttp());
    const { logger } = await open(`http://kopilka:hush@127.0.0.1:${receiver.port}`);
    for (const text of numbers(500)) logger.info(text);
    await until('all lines', () => receiver.messages.length === 500);
    expect(told(receiver)).to.deep.equal(numbers(500));
    expect(receiver.requests.length).to.be.lessThan(10);
    const basic = `Basic ${Buffer.from('kopilka:hush').toString('base64')}`;
    expect(new Set(receiver.requests.map((one) => one.authorization))).to.deep.equal(
      new Set([basic]),
    );
  });

  it('by HTTP: a line that is refused takes no other with it, and an outage loses none', async () => {
    let answers = 0;
    const receiver = onEnd(
      await receiveHttp((found) => {
        answers += 1;
        if (answers <= 2) return 503;
        return found.some((one) => one['short_message'] === 'bad') ? 400 : 202;
      }),
    );
    const { logger, measured, dropped, own } = await open(`http://127.0.0.1:${receiver.port}/gelf`);
    for (const text of ['good', 'bad', 'better']) logger.info(text);
    await until('the good ones', () => told(receiver).includes('better'));
    expect(told(receiver).slice(0, 2)).to.deep.equal(['good', 'better']);
    await until('the news', () => own.some((line) => line.includes('takes lines again')));
    await until('the news there', () => told(receiver).length === 4);
    // What arrived is counted a moment later.
    const sent = () => measured('kopilka_log_lines_sent_total');
    await until('the count', async () => (await sent()) === 4);
    expect(await dropped('refused')).to.equal(1);
    expect(await measured('kopilka_log_receiver_up')).to.equal(1);
  });

  it('takes the lines of other threads, which come by the same logger', async () => {
    const receiver = onEnd(await receiveTcp());
    const { logger } = await open(`tcp://127.0.0.1:${receiver.port}`);
    const ofThread = forwardLog(({ level, fields, message }) => logger[level](fields, message));
    ofThread.warn({ err: new Error('lost'), projection: 'balances' }, 'from a thread');
    await until('its line', () => receiver.messages.length === 1);
    expect(receiver.messages[0]).to.include({ _projection: 'balances', _err_message: 'lost' });
  });

  it('keeps so many lines for a receiver that is away, drops and counts the rest, and says so when it is back', async () => {
    const port = await quietPort();
    const { logger, measured, dropped, own } = await open(`tcp://127.0.0.1:${port}`, 100);
    logger.info('line 0');
    await until('the news', () => own.some((line) => line.includes('is away')));
    for (const text of numbers(300).slice(1)) logger.info(text);
    for (let i = 0; i < 30; i += 1) logger.error(`error ${i}`);
    expect(await measured('kopilka_log_lines_waiting')).to.equal(100);
    expect(await measured('kopilka_log_receiver_up')).to.equal(0);
    const lost = await dropped('full');
    // 90 of the lines and of the errors ten found room; the news of the outage took one.
    expect(lost).to.equal(300 + 30 + 1 - 100);
    const receiver = onEnd(await receiveTcp({ port }));
    await until('what waited', () =>
      told(receiver).some((text) => String(text).includes('dropped')),
    );
    const texts = told(receiver);
    expect(texts.slice(0, 2)).to.deep.equal([
      'line 0',
      'the receiver of logs is away: lines wait for it',
    ]);
    expect(texts.filter((text) => String(text).startsWith('error'))).to.have.length(10);
    const news = receiver.messages.find((one) => String(one['short_message']).includes('dropped'));
    expect(news?.['_lines']).to.equal(lost);
    expect(own).to.have.length(300 + 30 + 3);
    expect(await measured('kopilka_log_receiver_up')).to.equal(1);
  });

  it('keeps nobody waiting for a receiver that takes nothing', async () => {
    const receiver = onEnd(await receiveTcp({ reads: false }));
    const { logger, dropped } = await open(`tcp://127.0.0.1:${receiver.port}`, 1_000);
    const count = 20_000;
    let longestMs = 0;
    const began = performance.now();
    for (let i = 0; i < count; i += 1) {
      const before = performance.now();
      logger.info({ command: 'ConfirmPurchase', text: 'x'.repeat(200) }, 'command');
      longestMs = Math.max(longestMs, performance.now() - before);
    }
    const eachUs = ((performance.now() - began) / count) * 1_000;
    // It would answer after 10 s at the earliest; a line costs some ten microseconds.
    expect(eachUs).to.be.lessThan(500);
    expect(longestMs).to.be.lessThan(5_000);
    expect(await dropped('full')).to.be.greaterThan(count - 1_100);
  });

  it('hands over the last lines when it is closed, and is closed in time where nobody takes them', async () => {
    const receiver = onEnd(await receiveUdp());
    const first = await open(`udp://127.0.0.1:${receiver.port}`);
    first.logger.fatal('last words');
    await first.close(2_000);
    await until('the last words', () => receiver.messages.length === 1);
    const second = await open(`tcp://127.0.0.1:${await quietPort()}`);
    second.logger.fatal('nobody hears');
    const began = performance.now();
    await second.close(300);
    expect(performance.now() - began).to.be.lessThan(8_000);
    expect(await second.dropped('stopped')).to.equal(1);
    second.logger.info('too late');
    expect(await second.dropped('stopped')).to.equal(2);
  });
});
