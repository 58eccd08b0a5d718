import type { KafkaMessage } from 'kafkajs';
import { decimal, int64, uuid } from './wire-values.ts';

export type StreamName = 'orders' | 'olist-orders';

/** The values of one row in the order of its statement, and what Cassandra counts for it in a batch. */
export interface Bound {
  readonly params: unknown[];
  readonly sizeBytes: number;
}

export interface Binder {
  insert(keyspace: string): string;
  bind(message: KafkaMessage, partition: number): Bound;
}

/** Of a row, of a cell: what Cassandra adds to the bytes of the values. */
const ROW_BYTES = 50;
const CELL_BYTES = 20;
const LINEAGE = ['kafka_partition', 'kafka_offset', 'job_id', 'job_row'];
const LINEAGE_BYTES = LINEAGE.length * CELL_BYTES + 32;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const insertInto = (table: string, columns: readonly string[]) => (keyspace: string) => {
  const all = [...columns, ...LINEAGE];
  return `INSERT INTO ${keyspace}.${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')}) USING TIMESTAMP ?`;
};

/** Appends the lineage and the write time that the headers tell. */
function lineageOf(): (params: unknown[], message: KafkaMessage, partition: number) => void {
  const header = (message: KafkaMessage, name: string): string => (message.headers![name] as Buffer).toString('latin1');
  let lastJob = '';
  let lastJobBytes: Buffer | undefined;
  return (params, message, partition) => {
    const job = header(message, 'os-job');
    if (job !== lastJob) {
      lastJob = job;
      lastJobBytes = uuid(job);
    }
    params.push(partition, int64(Number(message.offset)), lastJobBytes, Number(header(message, 'os-row')));
    params.push(int64(Number(header(message, 'os-write-time'))));
  };
}

function sizeOf(params: readonly unknown[]): number {
  let size = ROW_BYTES + LINEAGE_BYTES;
  for (const value of params) {
    if (value === undefined) continue;
    size += CELL_BYTES + (typeof value === 'number' ? 4 : (value as { length: number }).length);
  }
  return size;
}

interface Order {
  readonly order_id: string;
  readonly customer_name?: string;
  readonly product: string;
  readonly category: string;
  readonly quantity: number;
  /** two digits after the point, as the bench generates it */
  readonly price: string;
  readonly timestamp: string;
}

const CENTS = 2;

function ordersBinder(): Binder {
  const addLineage = lineageOf();
  return {
    insert: insertInto('orders', [
      ...['order_id', 'customer_name', 'product', 'category', 'quantity', 'price', 'timestamp'],
      'total_amount',
    ]),
    bind(message, partition) {
      const row = JSON.parse(message.value!.toString()) as Order;
      const cents = Math.round(Number(row.price) * 100);
      const params: unknown[] = [row.order_id, row.customer_name, row.product, row.category, row.quantity];
      params.push(decimal(cents, CENTS), int64(Date.parse(row.timestamp)), decimal(cents * row.quantity, CENTS));
      const sizeBytes = sizeOf(params);
      addLineage(params, message, partition);
      return { params, sizeBytes };
    },
  };
}

interface OlistOrder {
  readonly order_id: string;
  readonly customer_id: string;
  readonly order_status: string;
  readonly order_purchase_timestamp: string;
  readonly order_approved_at?: string;
  readonly order_delivered_carrier_date?: string;
  readonly order_delivered_customer_date?: string;
  readonly order_estimated_delivery_date?: string;
}

const timeOf = (text: string | undefined): Buffer | undefined => (text === undefined ? text : int64(Date.parse(text)));

function olistBinder(): Binder {
  const addLineage = lineageOf();
  return {
    insert: insertInto('olist_orders', [
      ...['order_id', 'customer_id', 'order_status', 'order_purchase_timestamp', 'order_approved_at'],
      ...['order_delivered_carrier_date', 'order_delivered_customer_date', 'order_estimated_delivery_date'],
      ...['order_hour', 'order_day_of_week'],
    ]),
    bind(message, partition) {
      const row = JSON.parse(message.value!.toString()) as OlistOrder;
      const purchased = new Date(row.order_purchase_timestamp);
      const params: unknown[] = [row.order_id, row.customer_id, row.order_status, int64(purchased.getTime())];
      params.push(timeOf(row.order_approved_at), timeOf(row.order_delivered_carrier_date));
      params.push(timeOf(row.order_delivered_customer_date), timeOf(row.order_estimated_delivery_date));
      params.push(purchased.getUTCHours(), WEEKDAYS[purchased.getUTCDay()]);
      const sizeBytes = sizeOf(params);
      addLineage(params, message, partition);
      return { params, sizeBytes };
    },
  };
}

export const BINDERS: Readonly<Record<StreamName, Binder>> = { orders: ordersBinder(), 'olist-orders': olistBinder() };
