/** Requests as receivers get them, read back by CloudEvents' own library where it is there for the mode. */
import { expect } from 'chai';
import { HTTP, type CloudEventV1 } from 'cloudevents';
import type { TopicId } from '../../../domain/ids.js';
import type { Publication } from '../../../domain/publication/publication.js';
import { render, type Shown } from '../../../workers/webhook/rendering.js';

const topicId = 'cars_chosen' as TopicId;
const full: Publication = {
  ...{ id: 'choice-17', source: '/sites/motor-house', type: 'com.motorhouse.car.chosen' },
  ...{ subject: 'Лада "Нива" 50 %', time: '2026-03-01T12:00:00Z', key: 'customer:17' },
  extensions: { region: 'north', rank: 3, vip: true },
  data: { brand: 'Лада', colour: 'red' },
};
const shown = (publication: Publication, place = 4): Shown => ({
  ...{ place, publication, structured: null },
});
const readBack = (headers: Readonly<Record<string, string>>, body: string | Buffer) =>
  HTTP.toEvent<Record<string, unknown>>({ headers: { ...headers }, body: body.toString() });

const expected = {
  ...{ specversion: '1.0', id: full.id, source: full.source, type: full.type },
  ...{ subject: full.subject, partitionkey: 'customer:17', region: 'north', data: full.data },
};

describe('what a webhook is sent', () => {
  it('is one event in structured mode, with its place beside it', () => {
    const { headers, body } = render({ topicId, mode: 'structured' }, [shown(full)]);
    expect(headers).to.include({ 'kopilka-topic': 'cars_chosen', 'kopilka-place': '4' });
    expect(readBack(headers, body)).to.deep.include({ ...expected, rank: 3, vip: true });
  });

  it('is the data alone in binary mode, and the rest in headers that are plain ASCII', () => {
    const { headers, body } = render({ topicId, mode: 'binary' }, [shown(full)]);
    expect(headers['ce-subject']).to.match(/^[\x21-\x7e]+$/);
    expect(decodeURIComponent(headers['ce-subject'] ?? '')).to.equal(full.subject);
    expect(JSON.parse(body.toString())).to.deep.equal(full.data);
    const event = readBack(headers, body) as CloudEventV1<Record<string, unknown>>;
    expect(event).to.deep.include({ id: full.id, type: full.type, data: full.data });
  });

  it('is text as it is, and bytes as they are, in binary mode', () => {
    const bare = { id: 'a', source: '/', type: 't' };
    const text = { ...bare, datacontenttype: 'text/plain', data: 'hello' };
    expect(render({ topicId, mode: 'binary' }, [shown(text)]).body.toString()).to.equal('hello');
    const quoted = { ...bare, data: 'hello' };
    const said = render({ topicId, mode: 'binary' }, [shown(quoted)]);
    expect(said.body.toString()).to.equal('"hello"');
    const bytes = { ...bare, datacontenttype: 'image/png', dataBase64: 'AP8=' };
    const { body, headers } = render({ topicId, mode: 'binary' }, [shown(bytes)]);
    expect([...body]).to.deep.equal([0, 255]);
    expect(headers['content-type']).to.equal('image/png');
    const none = render({ topicId, mode: 'binary' }, [shown(bare)]);
    expect(none.body.length).to.equal(0);
  });

  it('is an array in a batch, also where it is of one', () => {
    const batch = { max: 10, waitMs: 0 };
    const two = [shown(full, 4), shown({ ...full, id: 'choice-18' }, 9)];
    const { headers, body } = render({ topicId, mode: 'binary', batch }, two);
    expect(headers['kopilka-place']).to.equal('4,9');
    const events = readBack(headers, body) as CloudEventV1<unknown>[];
    expect(events.map(({ id }) => id)).to.deep.equal(['choice-17', 'choice-18']);
    const alone = render({ topicId, mode: 'structured', batch }, [shown(full)]);
    expect(JSON.parse(alone.body.toString())).to.have.length(1);
  });
});
