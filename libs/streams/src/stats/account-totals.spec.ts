import { compileStream } from '../compile-stream.js';
import type { RowFaults } from '../stream.js';
import { TRANSACTIONS } from '../transactions.stream.js';
import { gainsOf } from './bucket-sums.js';
import { StatsFold } from './stats-fold.js';
import { statsShapeOf } from './stats-shape.js';

const STREAM = compileStream(TRANSACTIONS);
const DAY = '2026-01-05';

function rowOf(account: string, items: readonly (readonly [name: string, quantity: number, price: string])[]) {
  const row = STREAM.readJson({
    transaction_id: '6f1f0c52-5b6a-4c0e-9f0b-3d7c5d1f2a10',
    account_number: account,
    transaction_type: 'purchase',
    transaction_date: DAY,
    transaction_items: items.map(([product_name, quantity, unit_price], i) => {
      return { item_id: `i${i}`, product_name, quantity, unit_price };
    }),
  });
  if (!Array.isArray(row)) throw new Error((row as RowFaults).faults[0].reason);
  STREAM.derive(row);
  return row;
}

it('each account of the transactions has its products and exact totals', () => {
  const fold = new StatsFold(statsShapeOf(TRANSACTIONS));
  fold.add(rowOf('77', [['Kite', 3, '0.10'], ['Lamp', 1, '19.99']]), 0, 0); // prettier-ignore
  fold.add(rowOf('78', [['Desk', 1, '100']]), 0, 1);
  fold.add(rowOf('77', [['Kite', 2, '0.05']]), 0, 2);
  const accounts = gainsOf(fold).filter(({ key }) => key.shard.startsWith('account-'));
  const totals = accounts.map(({ key, values }) => [key.name, values.products, values.slots]);
  expect(totals.sort()).toEqual([
    ['77', ['Kite', 'Lamp'], [{ slot: 0, count: 2, quantity: '6', revenue: '20.39' }]],
    ['78', ['Desk'], [{ slot: 0, count: 1, quantity: '1', revenue: '100' }]],
  ]);
});
