import {
  delistProduct,
  listProduct,
  product,
  type ProductEvent,
  reviseProduct,
} from '../../../domain/product/product.js';
import { specification } from './spec.js';

const given = specification(product);
const description = {
  productId: '85123A' as never,
  name: 'Candle',
  merchantId: 1 as never,
  category: 'decoration',
  price: 255,
};
const dearer = { ...description, price: 295 };
const listed: ProductEvent = { type: 'ProductListed', data: description };
const revised: ProductEvent = { type: 'ProductRevised', data: dearer };
const delisted: ProductEvent = { type: 'ProductDelisted', data: { reason: 'sold out' } };

describe('a product', () => {
  it('is listed once', () => {
    given()
      .when((state) => listProduct(description, state))
      .then(listed);
    given(listed)
      .when((state) => listProduct(description, state))
      .thenNothing();
  });

  it('is not overwritten by listing it otherwise', () => {
    given(listed)
      .when((state) => listProduct(dearer, state))
      .thenRejected('already-registered');
  });

  it('is revised, once', () => {
    given(listed)
      .when((state) => reviseProduct(dearer, state))
      .then(revised);
    given(listed, revised)
      .when((state) => reviseProduct(dearer, state))
      .thenNothing();
  });

  it('is compared by its latest description', () => {
    given(listed, revised)
      .when((state) => reviseProduct(description, state))
      .then({ type: 'ProductRevised', data: description });
  });

  it('is delisted, once', () => {
    given(listed)
      .when((state) => delistProduct({ reason: 'sold out' }, state))
      .then(delisted);
    given(listed, delisted)
      .when((state) => delistProduct({ reason: 'again' }, state))
      .thenNothing();
  });

  it('may be listed again after it was delisted', () => {
    given(listed, delisted)
      .when((state) => listProduct(dearer, state))
      .then({ type: 'ProductListed', data: dearer });
  });

  it('that is not listed can be neither revised nor delisted', () => {
    given()
      .when((state) => reviseProduct(description, state))
      .thenRejected('product-not-found');
    given(listed, delisted)
      .when((state) => reviseProduct(description, state))
      .thenRejected('product-not-found');
    given()
      .when((state) => delistProduct({ reason: 'x' }, state))
      .thenRejected('product-not-found');
  });
});
