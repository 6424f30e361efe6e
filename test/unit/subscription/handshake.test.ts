import { expect } from 'chai';
import { askEndpoint, type CallOut, judge } from '../../../commands/subscription/handshake.js';

const origin = 'kopilka.example';
const answered = (status: number, headers: Record<string, string> = {}) =>
  judge({ kind: 'answered', status, headers }, origin);
const allowing = (allowed: string, rate?: string) =>
  answered(200, {
    'webhook-allowed-origin': allowed,
    ...(rate === undefined ? {} : { 'webhook-allowed-rate': rate }),
  });
const reasonOf = (verdict: ReturnType<typeof judge>) =>
  verdict.agreed ? 'it agreed' : verdict.reason;

describe('the question whether an endpoint wants to be called', () => {
  it('says who asks, at which rate, with the headers that the endpoint wants', async () => {
    const calls: Parameters<CallOut>[0][] = [];
    const callOut: CallOut = async (call) => {
      calls.push(call);
      return { kind: 'answered', status: 204, headers: { 'webhook-allowed-origin': '*' } };
    };
    const headers = { authorization: 'Bearer x' };
    const url = 'https://bank.example/hook';
    const verdict = await askEndpoint(callOut, origin, { url, ratePerSecond: 2, headers });
    await askEndpoint(callOut, origin, { url, headers: {} });
    expect(verdict).to.deep.equal({ agreed: true, allowedRate: null });
    expect(calls.map((call) => call.headers)).to.deep.equal([
      { ...headers, 'webhook-request-origin': origin, 'webhook-request-rate': '120' },
      { 'webhook-request-origin': origin },
    ]);
  });

  it('is answered by our name, exactly, or by everybody', () => {
    expect(allowing(origin)).to.deep.equal({ agreed: true, allowedRate: null });
    expect(allowing('*')).to.deep.equal({ agreed: true, allowedRate: null });
    for (const other of ['', 'Kopilka.example', 'sub.kopilka.example', `${origin}, a.example`]) {
      expect(reasonOf(allowing(other)), other).to.match(/^It allows ".*" and nobody else/);
    }
  });

  it('is answered with a rate, or with none', () => {
    expect(allowing('*', '120')).to.deep.equal({ agreed: true, allowedRate: 120 });
    expect(allowing('*', '*')).to.deep.equal({ agreed: true, allowedRate: null });
    for (const rate of ['0', '-1', '1.5', 'many', '']) {
      expect(reasonOf(allowing('*', rate)), rate).to.match(/^WebHook-Allowed-Rate is/);
    }
  });

  it('is not answered by another status, or by none, and what came is told', () => {
    expect(reasonOf(answered(405))).to.equal(
      'It answered 405 to OPTIONS; answer 200 with WebHook-Allowed-Origin: kopilka.example.',
    );
    expect(reasonOf(answered(302, { 'webhook-allowed-origin': '*' }))).to.contain('answered 302');
    expect(reasonOf(answered(200))).to.contain('without an origin');
    const failed = judge({ kind: 'failed', reason: 'connect ECONNREFUSED 1.2.3.4:443' }, origin);
    expect(reasonOf(failed)).to.contain('did not answer to OPTIONS: connect ECONNREFUSED');
    const refused = judge({ kind: 'refused', reason: 'a.example is 10.0.0.1' }, origin);
    expect(reasonOf(refused)).to.contain('not called: a.example is 10.0.0.1');
  });

  it('repeats no more of an answer than may stand in a log', () => {
    const reason = reasonOf(allowing(`\u0007${'x'.repeat(5_000)}`));
    expect(reason.length).to.be.lessThan(300);
    expect(reason).to.contain('\\u0007');
  });
});
