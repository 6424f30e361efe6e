import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { everybody } from '../../../api/auth/access.js';
import { type Method, route, type Route } from '../../../api/route.js';
import { createRouter } from '../../../api/router.js';

const at = (method: Method, path: string): Route =>
  route({
    method,
    path,
    summary: path,
    tags: ['test'],
    access: everybody,
    params: Object.fromEntries(
      [...path.matchAll(/\{(\w+)\}/g)].map((found) => [found[1] as string, Type.String()]),
    ),
    response: Type.Null(),
    handle: () => ({ body: null }),
  });

describe('the router', () => {
  const router = createRouter([
    at('GET', '/users/'),
    at('POST', '/users/'),
    at('GET', '/users/{userId}'),
    at('POST', '/users/{userId}/purchases/quote'),
    at('GET', '/users/{userId}/purchases/{purchaseId}'),
    at('DELETE', '/users/{userId}/purchases/{purchaseId}'),
    at('GET', '/'),
  ]);
  const found = (method: string, path: string) => {
    const result = router.find(method, path);
    return 'route' in result ? [result.route.path, ...result.values] : result;
  };

  it('finds routes with and without a slash at the end', () => {
    expect(found('GET', '/users')).to.deep.equal(['/users/']);
    expect(found('POST', '/users/')).to.deep.equal(['/users/']);
    expect(found('GET', '/users/7/')).to.deep.equal(['/users/{userId}', '7']);
    expect(found('GET', '/')).to.deep.equal(['/']);
  });

  it('prefers a literal, and lets a purchase be called like one', () => {
    const path = '/users/7/purchases/quote';
    expect(found('POST', path)).to.deep.equal(['/users/{userId}/purchases/quote', '7']);
    expect(found('GET', path)).to.deep.equal([
      '/users/{userId}/purchases/{purchaseId}',
      '7',
      'quote',
    ]);
  });

  it('says which methods a path knows, and none for no path', () => {
    expect(found('PUT', '/users/7/purchases/quote')).to.deep.equal(['DELETE', 'GET', 'POST']);
    for (const path of ['/nowhere', '/users//x', '/users/7/purchases', '/users/7/x/y/z']) {
      expect(found('GET', path), path).to.deep.equal([]);
    }
  });

  it('takes HEAD for GET', () => {
    expect(found('HEAD', '/users')).to.deep.equal(['/users/']);
  });

  it('takes words of JavaScript for what they are', () => {
    expect(found('GET', '/__proto__')).to.deep.equal([]);
    expect(found('constructor', '/users')).to.deep.equal(['GET', 'POST']);
  });

  it('refuses two routes of one method and path', () => {
    const twice = [at('GET', '/a/{one}'), at('GET', '/a/{two}/')];
    expect(() => createRouter(twice)).to.throw('Two routes are GET /a/{two}/');
  });
});
