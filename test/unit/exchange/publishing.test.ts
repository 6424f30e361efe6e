/** Limits, handling and erasures over HTTP, and the guide: what a publisher is answered. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import request from 'supertest';
import { stepsOf } from './guide.js';
import { asText, event, publisher, topic } from './publisher.js';

describe('publishing', () => {
  const house = publisher();
  const { send, admin, join, publish, pulled } = house;

  it('forgets a person on request of the partner or of an operator, in what was published', async () => {
    const personal = { personalsubject: 'c-1', personaldata: '/name' };
    await publish(event('a', { name: 'Ada', brand: 'Lada' }, personal)).expect(201);
    expect((await pulled())[0]?.event).to.deep.include({
      ...personal,
      data: { name: 'Ada', brand: 'Lada' },
    });
    await admin('post', '/partners/dealer/subjects/erasure', {
      subject: 'c-1',
      reason: 'asked',
    }).expect(200);
    const [item] = await pulled();
    expect(item?.event).to.deep.include({
      personalerased: true,
      data: { name: null, brand: 'Lada' },
    });
    expect(item?.place).to.equal(0);
    const again = await publish(event('b', { name: 'Ada' }, personal)).expect(409);
    expect(again.body).to.include({ code: 'subject-erased' });
  });

  it('is slowed down by limits, and says for how long', async () => {
    await admin('put', '/topics/cars/limits', { eventsPerSecond: 1, eventBytesMax: 500 }).expect(
      200,
    );
    await publish(event('a')).expect(201);
    const reply = await publish(event('b')).expect(429);
    expect(reply.headers['retry-after']).to.equal('1');
    expect(reply.body).to.include({ code: 'rate-limited', limitedBy: 'topic', eventsPerSecond: 1 });
    const large = await publish(event('c', 'x'.repeat(600)));
    expect(large.status).to.be.oneOf([400, 429]);
    await send('put', `${topic}/handling`, { timeToLiveSeconds: 60, personal: null }).expect(200);
    const { body } = await admin('get', '/topics/cars/rules').expect(200);
    expect(body).to.deep.include({
      limits: { eventsPerSecond: 1, eventBytesMax: 500 },
      handling: { timeToLiveSeconds: 60, personal: null },
    });
    await admin('put', '/partners/dealer/limits', { eventsPerSecond: 100 }).expect(200);
    const { body: limits } = await admin('get', '/partners/dealer/limits').expect(200);
    expect(limits).to.deep.equal({ partnerId: 'dealer', eventsPerSecond: 100 });
    await send('get', `${topic}/rules`, undefined, house.bank).expect(403);
  });

  it('is as the guide says', async () => {
    const token = await join('motor_house');
    const about = { name: 'Cars', description: '', classification: 'personal' };
    const topicId = 'cars_chosen';
    await admin('post', '/topics', { topicId, owner: 'motor_house', ...about }).expect(201);
    const steps = stepsOf('schemas.md');
    for (const { method, path, headers, body, answers } of steps) {
      const call = request(house.app)
        [method](path)
        .set('authorization', `Bearer ${path.startsWith('/admin') ? house.owner : token}`)
        .set('idempotency-key', randomUUID())
        .set('content-type', 'application/json')
        .set(headers)
        .buffer(true)
        .parse(asText);
      if (body === '') call.unset('content-type');
      const reply = await (body === '' ? call : call.send(body));
      const text = String(reply.body);
      expect(reply.status, `${method} ${path}: ${text}`).to.be.below(300);
      const told = answers.length > 1 ? text.trim().split('\n') : [text];
      expect(told.map((one) => JSON.parse(one) as object)).to.containSubset(answers);
      expect(told).to.have.length(answers.length);
    }
    expect(steps).to.have.length(14);
  });
});
