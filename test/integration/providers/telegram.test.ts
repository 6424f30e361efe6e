/** A Telegram bot, against a Bot API on loopback. */
import { expect } from 'chai';
import type { SendResult } from '../../../workers/outreach/providers/port.js';
import { keepsTheContract } from './contract.js';
import { type Asked, openHttpPeer, type Told } from './httpPeer.js';
import { openTo, outgoing, type Peer } from './peer.js';

const token = '123456:AAE-this-is-no-token_of_anybody';
const said = (error_code: number, description: string, parameters = {}): Told => ({
  ...{ status: error_code, body: { ok: false, error_code, description, parameters } },
});
const bodyOf = ({ body }: Asked) =>
  JSON.parse(body.toString()) as { chat_id: string; text: string; disable_notification?: boolean };

const openApi = async (
  answer: (asked: Asked) => Told = () => ({
    ...{ status: 200, body: { ok: true, result: { message_id: 77 } } },
  }),
) => {
  const peer = await openHttpPeer((asked, mode) => {
    if (mode === 'account') return said(401, `Unauthorized: ${asked.path}`);
    if (bodyOf(asked).chat_id === '999') return said(403, 'Forbidden: bot was blocked by the user');
    return answer(asked);
  });
  const whole: Peer & { asked: Asked[] } = {
    ...{ ...peer, kind: 'telegram', channel: 'telegram', garbage: 'unknownOutcome' },
    settings: { baseUrl: `${peer.url}/api`, silentMarketing: true },
    secrets: { token },
    good: (n) => ({ kind: 'telegram', chatId: `10000${n}` }),
    bad: { kind: 'telegram', chatId: '999' },
    taken: () =>
      peer.asked
        .map(bodyOf)
        .filter(({ chat_id }) => chat_id !== '999')
        .map(({ text }) => `ref${/\d+$/.exec(text)?.[0] ?? ''}`),
  };
  return whole;
};

describe('a Telegram bot', () => {
  keepsTheContract(() => openApi());

  const opened: { close(): Promise<void> }[] = [];
  const open = async (answer?: (asked: Asked) => Told) => {
    const peer = await openApi(answer);
    const provider = openTo(peer);
    opened.push(provider, peer);
    return { peer, ...provider };
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  const soon = () => AbortSignal.timeout(10_000);
  const classOf = (result: SendResult | undefined) =>
    result?.outcome === 'refused' ? `${result.errorClass} ${result.code}` : result?.outcome;

  it('writes to a chat as its own text, advertisements without a sound', async () => {
    const { provider, peer } = await open();
    const content = { subject: 'Ten points', text: '*not bold*', link: 'https://shop.example/' };
    const message = outgoing(peer.good(1), 1, { class: 'marketing', content });
    const [result] = await provider.send([message], soon());
    expect(result).to.deep.equal({ outcome: 'submitted', providerReference: '77' });
    const [asked] = peer.asked;
    expect(asked?.path).to.equal(`/api/bot${token}/sendMessage`);
    expect(bodyOf(asked as Asked)).to.deep.include({
      ...{ chat_id: '100001', text: 'Ten points\n\n*not bold*\n\nhttps://shop.example/' },
      ...{ disable_notification: true, link_preview_options: { is_disabled: true } },
    });
  });

  it('takes what it is answered for what it means', async () => {
    const answers = [
      said(429, 'Too Many Requests: retry after 9', { retry_after: 9 }),
      said(400, 'Bad Request: chat not found'),
      said(400, 'Bad Request: message is too long'),
      said(404, 'Not Found'),
      said(500, 'Internal Server Error'),
      { status: 502, body: 'Bad Gateway' },
    ];
    const results: SendResult[] = [];
    const { provider, peer } = await open(() => answers.shift() as Told);
    while (answers.length > 0) {
      results.push(...(await provider.send([outgoing(peer.good(1))], soon())));
    }
    expect(results.map(classOf)).to.deep.equal([
      'throttled 429',
      'recipientPermanent 400',
      'contentPermanent 400',
      'accountPermanent 404',
      'unknownOutcome 500',
      'unknownOutcome 502',
    ]);
    expect(results[0]).to.include({ retryAfterMs: 9_000 });
  });
});
