import type { StreamDefinition } from '../definition.js';
import { OLIST_ORDERS } from '../olist-orders.stream.js';
import { ORDERS } from '../orders.stream.js';
import { avroSchemaOf } from './avro-schema.js';

const typeOf = (definition: StreamDefinition, field: string) =>
  avroSchemaOf(definition).fields.find(({ name }) => name === field);

describe('the Avro schema of a stream', () => {
  it('has its fields and then its derived ones; only required fields must have a value', () => {
    const { name, namespace, fields } = avroSchemaOf(ORDERS);
    expect({ name, namespace }).toEqual({ name: 'orders', namespace: 'orderstream' });
    expect(fields.map((field) => field.name)).toEqual([
      ...ORDERS.fields.map((field) => field.name),
      ...ORDERS.derived.map((field) => field.name),
    ]);
    expect(typeOf(ORDERS, 'order_id')).toEqual({ name: 'order_id', type: 'string' });
    expect(typeOf(ORDERS, 'customer_name')).toEqual({ name: 'customer_name', type: ['null', 'string'], default: null });
    expect(fields.filter(({ type }) => Array.isArray(type)).every((field) => field.default === null)).toBe(true);
  });

  it('has logical types for what Avro has no type for', () => {
    expect(typeOf(ORDERS, 'timestamp')!.type).toEqual({ type: 'long', logicalType: 'timestamp-millis' });
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 38 };
    expect(typeOf(ORDERS, 'price')!.type).toEqual({ ...decimal, scale: 10, minScale: 2 });
    expect(typeOf(ORDERS, 'total_amount')!.type).toEqual(['null', { ...decimal, scale: 20, minScale: 0 }]);
  });

  it('has a name that Avro takes, whatever the stream is called', () => {
    expect(avroSchemaOf(OLIST_ORDERS).name).toBe('olist_orders');
  });

  it('has an array of records for a list', () => {
    const items = [
      { name: 'item_id', type: 'text', required: true },
      { name: 'unit_price', type: 'decimal' },
    ];
    const list = { name: 'transaction_items', type: 'list', required: true, items };
    const definition = { ...ORDERS, fields: [...ORDERS.fields, list] } as unknown as StreamDefinition;
    expect(typeOf(definition, 'transaction_items')!.type).toEqual({
      type: 'array',
      items: {
        type: 'record',
        name: 'orders_transaction_items',
        fields: [{ name: 'item_id', type: 'string' }, expect.objectContaining({ name: 'unit_price', default: null })],
      },
    });
  });
});
