import type { TSchema } from '@sinclair/typebox';
import { expect } from 'chai';
import { assertValid } from '../../../commands/validation.js';
import { allRoutes, documentedRoutes, documentOf } from './allRoutes.js';

type Json = Record<string, unknown>;
const at = (document: Json, pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (value as Json | undefined)?.[key], document);

describe('the OpenAPI document', () => {
  const routes = documentedRoutes();
  const document = JSON.parse(JSON.stringify(documentOf(routes))) as Json;
  const text = JSON.stringify(document);
  const operations = Object.values(
    document['paths'] as Record<string, Record<string, Json>>,
  ).flatMap((methods) => Object.values(methods));

  it('is of version 3.1 and describes every route', () => {
    expect(document['openapi']).to.equal('3.1.0');
    expect(operations).to.have.length(routes.length);
  });

  it('refers to nothing that is not there', () => {
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((found) => found[1] as string);
    expect(references.length).to.be.greaterThan(100);
    for (const reference of new Set(references)) {
      expect(at(document, reference), reference).to.be.an('object');
    }
  });

  it('gives every operation a name of its own, a summary, a tag and a rule of access', () => {
    const names = operations.map((operation) => operation['operationId']);
    expect(new Set(names).size).to.equal(names.length);
    for (const operation of operations) {
      expect(operation['summary']).to.be.a('string').and.not.be.empty;
      expect(operation['tags']).to.be.an('array').and.not.be.empty;
      expect(operation['security']).to.be.an('array');
    }
  });

  it('names only security schemes that it explains', () => {
    const { securitySchemes } = document['components'] as { securitySchemes: Json };
    for (const operation of operations) {
      for (const way of operation['security'] as Json[]) {
        expect(securitySchemes).to.include.keys(...Object.keys(way), 'till');
      }
    }
  });

  it('shows bodies that can be sent as they are', () => {
    let tried = 0;
    for (const route of allRoutes()) {
      for (const { value } of route.examples.body) {
        tried += 1;
        // As it leaves: fields that are undefined are not sent.
        assertValid(route.body as TSchema, JSON.parse(JSON.stringify(value)));
      }
    }
    expect(tried).to.be.greaterThan(10);
  });

  it('shows quantities as they are sent, and never who sends', () => {
    const { schemas } = document['components'] as { schemas: Record<string, { properties: Json }> };
    const body = schemas['ConfirmPurchaseBody'];
    expect(Object.keys(body?.properties ?? {})).to.include.members(['purchaseId', 'lines', 'slip']);
    expect(Object.keys(body?.properties ?? {})).not.to.include.members(['userId']);
    expect(JSON.stringify(body)).to.contain('"maximum":1000000,').and.not.contain('Thousandths');
    expect(text).not.to.contain('"tillId":{"pattern":"^[a-z0-9]{4,40}$"},"lines"');
    expect(JSON.stringify(body)).not.to.contain('pointOfSaleId');
  });

  it('lists the problems of a route by status', () => {
    const confirm = operations.find(
      ({ operationId }) => operationId === 'postUsersByUserIdPurchases',
    );
    const responses = confirm?.['responses'] as Record<string, { description: string }>;
    expect(Object.keys(responses)).to.deep.equal([
      '200',
      '201',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '429',
      '503',
    ]);
    expect(responses['409']?.description).to.contain('`price-changed`');
  });
});

describe('the routes', () => {
  it('say what is needed of themselves', () => {
    const faults: string[] = [];
    for (const route of allRoutes()) {
      const name = `${route.method} ${route.path}`;
      if (!/^\/[\w./{}-]*$/.test(route.path)) faults.push(`${name}: its path`);
      if (route.method === 'GET' && route.body) faults.push(`${name}: a body`);
      if (route.method === 'GET' && route.idempotencyKey !== 'none') faults.push(`${name}: a key`);
      if (
        route.body &&
        route.body['additionalProperties'] !== false &&
        route.body['type'] === 'object'
      ) {
        faults.push(`${name}: takes unknown fields`);
      }
      if (route.method !== 'GET' && route.access.kind === 'credentials' && !route.command) {
        if (
          !/(quote|gift-cards\/balance|publications\/preview|(consents|messages)\/search)$/.test(
            route.path,
          ) &&
          !/^\/admin/.test(route.path)
        )
          faults.push(`${name}: names no command`);
      }
    }
    expect(faults).to.deep.equal([]);
  });
});
