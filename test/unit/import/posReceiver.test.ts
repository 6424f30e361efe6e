import { expect } from 'chai';
import { Failure } from '../../../cli/failure.js';
import { type Answer, type Call, type Http, Problem } from '../../../cli/http/http.js';
import { onlineRetail } from '../../../cli/import/formats/onlineRetail.js';
import type { PurchaseItem } from '../../../cli/import/plan.js';
import { createPosReceiver } from '../../../cli/import/posReceiver.js';
import { isGsrn } from '../../../domain/gsrn.js';

const problem = (status: number, code: string): Problem =>
  new Problem(status, code, 'told', {}, null);

const receiverOver = (answer: (call: Call) => Answer) => {
  const calls: Call[] = [];
  const http: Http = {
    url: 'http://localhost',
    send: async <Body>(call: Call) => {
      calls.push(call);
      return answer(call) as Answer<Body>;
    },
    close: () => undefined,
  };
  const options = { http, tillToken: 'kpt.t', format: onlineRetail, gsrnPrefix: '8018001' };
  return { receiver: createPosReceiver(options), calls };
};
const recorded: Answer = { status: 201, body: {}, position: 7n };

const item: PurchaseItem = {
  kind: 'purchase',
  receiptId: '536365',
  customer: '17850',
  at: Date.UTC(2010, 11, 1, 8, 26),
  pieces: [{ productId: 'A', name: 'Apple', quantity: 1_500, price: 255 }],
  counted: [],
};

describe('the importer as a till', () => {
  it('sends a receipt with its own date, under a key of the file', async () => {
    const { receiver, calls } = receiverOver(() => recorded);
    expect(await receiver.purchase(item)).to.deep.equal({ position: 7n });
    const [call] = calls;
    expect(call?.idempotencyKey).to.equal('import/online-retail/purchase/536365');
    const [, userId = ''] = /^\/pos\/v1\/users\/(\d+)\/purchases$/.exec(call?.path ?? '') ?? [];
    expect(isGsrn(userId)).to.equal(true);
    expect(call?.body).to.deep.equal({
      purchaseId: '536365',
      offline: true,
      occurredAt: '2010-12-01T08:26:00.000Z',
      lines: [{ productId: 'A', quantity: 1.5, price: 255 }],
      cardNumber: 'OR17850',
    });
  });

  it('sends an anonymous receipt to no customer', async () => {
    const { receiver, calls } = receiverOver(() => recorded);
    await receiver.purchase({ ...item, customer: null });
    expect(calls[0]?.path).to.equal('/pos/v1/purchases');
    expect(calls[0]?.body).not.to.have.property('cardNumber');
  });

  it('takes a decision against a receipt as final', async () => {
    const { receiver } = receiverOver(() => {
      throw problem(409, 'purchase-exists');
    });
    expect(await receiver.purchase(item)).to.include({ code: 'purchase-exists' });
  });

  it('is content with a product that is listed under another name', async () => {
    for (const code of ['already-registered', 'idempotency-key-reused']) {
      const { receiver } = receiverOver(() => {
        throw problem(409, code);
      });
      expect(await receiver.list('A', 'Apple')).to.deep.equal({ position: null });
    }
  });

  it('ends where its till is not let in, and where the server fails', async () => {
    const outcome = (error: Problem) =>
      receiverOver(() => {
        throw error;
      })
        .receiver.purchase(item)
        .catch((thrown: unknown) => thrown);
    expect(await outcome(problem(401, 'token-revoked'))).to.be.instanceOf(Failure);
    expect(await outcome(problem(500, 'internal-error'))).to.be.instanceOf(Problem);
  });
});
