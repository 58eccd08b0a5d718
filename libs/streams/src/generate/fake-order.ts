import type { FakeSpec, FieldDefinition } from '../definition.js';

/** The fields whose values a fake value is made from. */
export function fieldsOfFake(fake: FakeSpec): readonly string[] {
  if (fake.kind === 'oneOfBy' || fake.kind === 'turn') return [fake.field];
  if (fake.kind === 'catalogue') return fake.by === undefined ? [] : [fake.by];
  if (fake.kind === 'after') return fake.onlyFor ? [fake.field, fake.onlyFor.field] : [fake.field];
  return [];
}

/** Indexes of the fields in an order in which each comes after those it is made from. The definition has no cycles. */
export function fakeOrder(fields: readonly FieldDefinition[]): readonly number[] {
  const indexByName = new Map(fields.map(({ name }, index) => [name, index]));
  const order = new Set<number>();
  const visit = (index: number): void => {
    const { fake } = fields[index]!;
    if (fake) for (const name of fieldsOfFake(fake)) visit(indexByName.get(name)!);
    order.add(index);
  };
  fields.forEach((_, index) => visit(index));
  return [...order];
}
