import { expect } from 'chai';
import request from 'supertest';
import { allRoutes } from './allRoutes.js';
import { testApi } from './testApi.js';

describe('the documentation in the browser', () => {
  const { app, close } = testApi(allRoutes());
  after(close);
  const get = (path: string, accept = 'text/html') => request(app).get(path).set('accept', accept);

  for (const path of ['/', '/docs', '/docs/errors']) {
    it(`runs nothing inline and loads nothing from elsewhere: ${path}`, async () => {
      const { text, headers } = await get(path).expect(200);
      expect(headers['content-type']).to.equal('text/html; charset=utf-8');
      const policy = String(headers['content-security-policy']);
      expect(policy).to.contain("script-src 'self';").and.contain("default-src 'none'");
      expect(text).not.to.match(/<script>|<style|\son\w+=|javascript:/);
      const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
        (found) => found[1] as string,
      );
      expect(links.length).to.be.greaterThan(2);
      for (const link of links) {
        expect(link).to.match(/^\/(?!\/)/);
        await get(link, '*/*').expect((answer) =>
          expect(answer.status, link).to.be.oneOf([200, 503]),
        );
      }
    });
  }

  it('serves its assets and no other file', async () => {
    const script = await get('/docs/assets/swagger-ui.js', '*/*').expect(200);
    expect(script.headers['content-type']).to.equal('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).to.equal('public, max-age=3600');
    for (const name of [
      'package.json',
      '..%2f..%2fpackage.json',
      '__proto__',
      'swagger-ui.js.map',
    ]) {
      await get(`/docs/assets/${name}`, '*/*').expect(404);
    }
  });

  it('hands out the document', async () => {
    const { body, headers } = await get('/openapi.json', '*/*').expect(200);
    expect(headers['content-type']).to.contain('json');
    expect(body.openapi).to.equal('3.1.0');
  });

  it('answers programs at the front door with links', async () => {
    const { body } = await get('/', 'application/json').expect(200);
    expect(body).to.include({ name: 'Kopilka' });
    expect(body.links.documentation).to.equal('/docs');
  });

  it('says that it is not ready', async () => {
    const { status, body } = await get('/health/ready', '*/*');
    expect([status, body.ok]).to.deep.equal([503, false]);
  });
});
