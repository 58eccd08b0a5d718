import { defineStream } from './define/define-stream.js';

/** Far more accounts than partitions, and few enough that each has several transactions in a run of some minutes. */
const ACCOUNTS = 5_000;

/**
 * Payments with the things that were bought and how they are sent. Published again flat, with what is derived, so that
 * others need not know the nesting.
 */
export const TRANSACTIONS = defineStream({
  name: 'transactions',
  description: 'Transactions of accounts, with the items bought and their shipping.',
  topic: 'incoming_finance_data',
  derivedTopic: 'processed_finance_data',
  key: { fields: ['account_number'], separator: '_' },
  primaryKey: { partition: ['transaction_id'], clustering: [] },
  fields: [
    { name: 'transaction_id', type: 'uuid', required: true, fake: { kind: 'uuid' } },
    {
      name: 'account_number',
      type: 'text',
      required: true,
      fake: { kind: 'digits', length: 10, distinct: ACCOUNTS },
    },
    {
      name: 'account_holder',
      type: 'text',
      fake: { kind: 'catalogue', list: 'people', by: 'account_number' },
    },
    {
      name: 'transaction_type',
      type: 'text',
      required: true,
      fake: {
        kind: 'oneOf',
        values: ['purchase', 'payment', 'refund', 'withdrawal', 'transfer'],
        weights: [70, 15, 5, 5, 5],
      },
    },
    { name: 'amount', type: 'decimal', fake: { kind: 'decimal', min: '1.00', max: '4999.99', scale: 2 } },
    {
      name: 'currency',
      type: 'text',
      fake: { kind: 'oneOf', values: ['USD', 'EUR', 'GBP', 'BRL', 'JPY'], weights: [50, 25, 10, 10, 5] },
    },
    { name: 'transaction_date', type: 'date', fake: { kind: 'eventTime' } },
    { name: 'merchant_name', type: 'text', fake: { kind: 'catalogue', list: 'companies' } },
    {
      name: 'merchant_category',
      type: 'text',
      fake: {
        kind: 'oneOf',
        values: ['Groceries', 'Electronics', 'Clothing', 'Home', 'Travel', 'Restaurants', 'Health', 'Entertainment'],
      },
    },
    { name: 'location', type: 'text', fake: { kind: 'catalogue', list: 'places' } },
    {
      name: 'balance_after_transaction',
      type: 'decimal',
      fake: { kind: 'decimal', min: '-500.00', max: '99999.99', scale: 2 },
    },
    {
      name: 'transaction_items',
      type: 'list',
      required: true,
      items: [
        { name: 'item_id', type: 'text', required: true, fake: { kind: 'hex', length: 8, distinct: 2_000 } },
        {
          name: 'product_name',
          type: 'text',
          required: true,
          fake: { kind: 'catalogue', list: 'products', by: 'item_id' },
        },
        { name: 'quantity', type: 'int', required: true, min: '1', fake: { kind: 'int', min: 1, max: 5 } },
        {
          name: 'unit_price',
          type: 'decimal',
          required: true,
          min: '0',
          fake: { kind: 'decimal', min: '0.99', max: '499.99', scale: 2 },
        },
      ],
      fake: { kind: 'items', min: 1, max: 4 },
    },
    {
      name: 'shipping_address',
      type: 'text',
      path: ['shipping_info', 'address'],
      fake: { kind: 'catalogue', list: 'streets', by: 'account_number' },
    },
    {
      name: 'shipping_method',
      type: 'text',
      path: ['shipping_info', 'shipping_method'],
      fake: { kind: 'oneOf', values: ['standard', 'express', 'overnight', 'pickup'], weights: [60, 25, 5, 10] },
    },
    {
      name: 'shipping_cost',
      type: 'decimal',
      path: ['shipping_info', 'shipping_cost'],
      min: '0',
      fake: { kind: 'decimal', min: '0.00', max: '49.99', scale: 2 },
    },
    {
      name: 'estimated_delivery',
      type: 'date',
      path: ['shipping_info', 'estimated_delivery'],
      fake: { kind: 'eventTime', plusDays: { min: 1, max: 10 } },
    },
    { name: 'tracking_number', type: 'uuid', path: ['shipping_info', 'tracking_number'], fake: { kind: 'uuid' } },
    { name: 'customer_feedback', type: 'boolean', fake: { kind: 'oneOf', values: ['true', 'false'] } },
    {
      name: 'discount_applied',
      type: 'boolean',
      fake: { kind: 'oneOf', values: ['true', 'false'], weights: [20, 80] },
    },
  ],
  derived: [
    {
      name: 'products_list',
      type: 'text',
      from: { kind: 'listOf', list: 'transaction_items', of: 'product_name', separator: ',' },
    },
    {
      name: 'total_price_spent',
      type: 'decimal',
      from: { kind: 'sumOf', list: 'transaction_items', of: ['quantity', 'unit_price'] },
    },
    {
      name: 'total_quantity_bought',
      type: 'int',
      from: { kind: 'sumOf', list: 'transaction_items', of: ['quantity'] },
    },
  ],
  stats: {
    time: 'transaction_date',
    category: 'merchant_category',
    account: 'account_number',
    quantity: 'total_quantity_bought',
    revenue: 'total_price_spent',
    product: { field: 'products_list', separator: ',' },
  },
});
