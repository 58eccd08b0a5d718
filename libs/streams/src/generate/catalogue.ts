import { faker } from '@faker-js/faker/locale/en';
import type { CatalogueList } from '../definition.js';

const SIZE = 200;

/** English only: all locales together take ten times the memory. */
faker.seed(1);

const list = (make: () => string): readonly string[] => Object.freeze(Array.from({ length: SIZE }, make));

/**
 * Values of @faker-js/faker, made once: to seed faker for every record costs more than all the rest of the record. Its
 * version is part of what a seed means, as the order of these lines is.
 */
export const CATALOGUE: Readonly<Record<CatalogueList, readonly string[]>> = Object.freeze({
  companies: list(() => faker.company.name()),
  products: list(() => faker.commerce.productName()),
  places: list(() => `${faker.location.city()}, ${faker.location.country()}`),
  streets: list(() => `${faker.location.streetAddress()}, ${faker.location.city()}`),
  people: list(() => faker.person.fullName()),
});
