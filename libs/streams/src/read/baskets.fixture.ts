import { defineStream } from '../define/define-stream.js';

/** A stream with everything that can be nested: two objects, one inside the other, and a list. */
export const BASKETS = defineStream({
  name: 'baskets',
  description: 'Baskets with items and a parcel.',
  derivedTopic: 'baskets.flat',
  key: { fields: ['id'], separator: '_' },
  primaryKey: { partition: ['id', 'day'], clustering: [] },
  fields: [
    { name: 'id', type: 'text', required: true, fake: { kind: 'runId' } },
    { name: 'at', type: 'timestamp', required: true, fake: { kind: 'eventTime' } },
    {
      name: 'items',
      type: 'list',
      required: true,
      items: [
        { name: 'name', type: 'text', required: true, fake: { kind: 'oneOf', values: ['Kite', 'Vase, "blue"'] } },
        { name: 'count', type: 'int', required: true, min: '1', fake: { kind: 'int', min: 1, max: 9 } },
        {
          name: 'price',
          type: 'decimal',
          required: true,
          min: '0',
          fake: { kind: 'decimal', min: '0.01', max: '99.99', scale: 2 },
        },
        { name: 'constructor', type: 'text' },
      ],
      fake: { kind: 'items', min: 1, max: 4 },
    },
    { name: 'city', type: 'text', path: ['ship', 'city'], required: true, fake: { kind: 'postCode' } },
    { name: 'cost', type: 'decimal', path: ['ship', 'cost'], min: '0' },
    { name: 'weight', type: 'int', path: ['ship', 'parcel', 'weight'] },
  ],
  derived: [
    { name: 'day', type: 'date', from: { kind: 'dayOf', of: 'at' } },
    { name: 'names', type: 'text', from: { kind: 'listOf', list: 'items', of: 'name', separator: ',' } },
    { name: 'total', type: 'decimal', from: { kind: 'sumOf', list: 'items', of: ['count', 'price'] } },
    { name: 'pieces', type: 'int', from: { kind: 'sumOf', list: 'items', of: ['count'] } },
  ],
});
