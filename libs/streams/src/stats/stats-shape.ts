import type { FieldType, StreamDefinition } from '../definition.js';
import type { Row, Value } from '../stream.js';
import { daysOfLeadingDate } from '../values/calendar.js';
import { textOfValue } from '../values/present-value.js';
import { ProductNames, storedName } from './product-names.js';

const HOUR_MS = 3_600_000;
/** Longer ids are no samples. */
const MAX_ID = 200;

/** One column of a row, or none. */
interface StatsColumn {
  /** -1: the stream has none */
  readonly index: number;
  readonly type: FieldType;
}

/** Where the statistics of a stream find their values in its rows; compiled once. */
export interface StatsShape {
  readonly time: StatsColumn;
  readonly category: StatsColumn;
  readonly account: StatsColumn;
  readonly quantity: StatsColumn;
  readonly revenue: StatsColumn;
  readonly product: StatsColumn;
  readonly separator: string | undefined;
  /** of products */
  readonly names: ProductNames;
  /** order id, or the partition columns of the table */
  readonly sample: readonly StatsColumn[];
}

export function statsShapeOf(definition: StreamDefinition): StatsShape {
  const { stats = {}, fields, derived, orderId, primaryKey } = definition;
  const columns = [...fields, ...derived];
  const columnOf = (name: string | undefined): StatsColumn => {
    const index = columns.findIndex((column) => column.name === name);
    return { index, type: columns[index]?.type ?? 'text' };
  };
  return {
    time: columnOf(stats.time),
    category: columnOf(stats.category),
    account: columnOf(stats.account),
    quantity: columnOf(stats.quantity),
    revenue: columnOf(stats.revenue),
    product: columnOf(stats.product?.field),
    separator: stats.product?.separator,
    names: new ProductNames(),
    sample: (orderId === undefined ? primaryKey.partition : [orderId]).map(columnOf),
  };
}

/** Hours since the epoch, UTC. A row without its time counts where it was written. */
export function hourOfRow(row: Row, { time }: StatsShape, writeTimeMicros: number): number {
  const value = row[time.index];
  if (typeof value === 'number') return Math.floor(value / HOUR_MS);
  const days = typeof value === 'string' ? daysOfLeadingDate(value) : undefined;
  return days === undefined ? Math.floor(writeTimeMicros / 1000 / HOUR_MS) : days * 24;
}

/** Text of a category or account; '' where the row has none. */
export const nameOfRow = (row: Row, { index, type }: StatsColumn): string => storedName(textIn(row[index], type));

/** What was bought; none where the row does not say. */
export function productsOfRow(row: Row, { product, separator, names }: StatsShape): readonly string[] {
  const text = row[product.index];
  if (typeof text !== 'string') return NO_PRODUCTS;
  if (separator === undefined) return [names.of(text)];
  return text.split(separator).flatMap((name) => (name.trim() === '' ? [] : names.of(name.trim())));
}

const NO_PRODUCTS: readonly string[] = [];

/** Undefined when it is too long to be shown. */
export function sampleOfRow(row: Row, { sample }: StatsShape): string | undefined {
  const id =
    sample.length === 1
      ? textIn(row[sample[0]!.index], sample[0]!.type)
      : sample.map(({ index, type }) => textIn(row[index], type)).join('_');
  return id.length > MAX_ID ? undefined : id;
}

const textIn = (value: Value, type: FieldType): string =>
  typeof value === 'string' ? value : textOfValue(type, value);
