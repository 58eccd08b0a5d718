import { defineStream } from './define/define-stream.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Statuses of the public file with about their shares, in percent. */
const STATUS_SHARES = {
  delivered: 97,
  shipped: 1.1,
  canceled: 0.6,
  unavailable: 0.6,
  invoiced: 0.3,
  processing: 0.3,
  created: 0.05,
  approved: 0.05,
};

/**
 * The public Olist orders file. The purchase time is in the primary key, so a corrected one makes a second row; the
 * newest write time answers.
 */
export const OLIST_ORDERS = defineStream({
  name: 'olist-orders',
  description: 'Orders of the public Olist file, with their way to the customer.',
  orderId: 'order_id',
  order: { customer: 'customer_id', status: 'order_status' },
  eventTime: 'order_purchase_timestamp',
  key: { fields: ['customer_id', 'order_id'], separator: '_' },
  primaryKey: {
    partition: ['customer_id'],
    clustering: [
      { field: 'order_id', order: 'asc' },
      { field: 'order_purchase_timestamp', order: 'asc' },
    ],
  },
  indexes: ['order_id', 'order_status', 'order_purchase_timestamp'],
  fields: [
    { name: 'order_id', type: 'text', required: true, fake: { kind: 'hex', length: 32 } },
    { name: 'customer_id', type: 'text', required: true, fake: { kind: 'hex', length: 32 } },
    {
      name: 'order_status',
      type: 'text',
      required: true,
      fake: { kind: 'oneOf', values: Object.keys(STATUS_SHARES), weights: Object.values(STATUS_SHARES) },
    },
    { name: 'order_purchase_timestamp', type: 'timestamp', required: true, fake: { kind: 'eventTime' } },
    {
      name: 'order_approved_at',
      type: 'timestamp',
      fake: {
        kind: 'after',
        field: 'order_purchase_timestamp',
        minMs: 10 * MINUTE_MS,
        maxMs: 2 * DAY_MS,
        onlyFor: {
          field: 'order_status',
          values: ['delivered', 'shipped', 'canceled', 'unavailable', 'invoiced', 'processing', 'approved'],
        },
      },
    },
    {
      name: 'order_delivered_carrier_date',
      type: 'timestamp',
      fake: {
        kind: 'after',
        field: 'order_approved_at',
        minMs: 60 * MINUTE_MS,
        maxMs: 5 * DAY_MS,
        onlyFor: { field: 'order_status', values: ['delivered', 'shipped'] },
      },
    },
    {
      name: 'order_delivered_customer_date',
      type: 'timestamp',
      fake: {
        kind: 'after',
        field: 'order_delivered_carrier_date',
        minMs: DAY_MS,
        maxMs: 18 * DAY_MS,
        onlyFor: { field: 'order_status', values: ['delivered'] },
      },
    },
    {
      name: 'order_estimated_delivery_date',
      type: 'timestamp',
      fake: {
        kind: 'after',
        field: 'order_purchase_timestamp',
        minMs: 7 * DAY_MS,
        maxMs: 40 * DAY_MS,
        granularityMs: DAY_MS,
      },
    },
  ],
  derived: [
    { name: 'order_hour', type: 'int', from: { kind: 'hourOf', of: 'order_purchase_timestamp' } },
    { name: 'order_day_of_week', type: 'text', from: { kind: 'weekdayOf', of: 'order_purchase_timestamp' } },
  ],
  stats: { time: 'order_purchase_timestamp', category: 'order_status' },
});
