import type { FakeSpec, FieldDefinition } from '../definition.js';
import { jsonEncoder } from '../encode-json.js';
import type { Row } from '../stream.js';
import type { Dice } from './dice.js';
import { fakeOrder } from './fake-order.js';
import type { Fake } from './fake.js';

/** Item n of record i is made as record i × max + n of its own kind would be. */
export function itemFake(
  { items: fields = [] }: FieldDefinition,
  { min, max }: Extract<FakeSpec, { kind: 'items' }>,
  fakes: readonly Fake[],
  dice: Dice,
): Fake {
  const order = fakeOrder(fields);
  const encode = jsonEncoder(fields);
  return (index) => {
    dice.seat(index);
    const count = min + dice.below(max - min + 1);
    let json = '';
    for (let n = 0; n < count; n++) {
      const item: Row = fields.map(() => undefined);
      for (const column of order) item[column] = fakes[column]!(index * max + n, item);
      json += `${n === 0 ? '[' : ','}${encode(item)}`;
    }
    return `${json}]`;
  };
}
