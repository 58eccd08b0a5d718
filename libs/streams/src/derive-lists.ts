import { TOO_LARGE, type Computation } from './computation.js';
import type { Derivation, FieldType } from './definition.js';
import type { Value } from './stream.js';
import { addDecimals, multiplyDecimals } from './values/decimal.js';

type OfList = Extract<Derivation, { readonly list: string }>;

/** Items of a list as its canonical JSON has them: numbers and texts, decimals as text. */
type Items = readonly Readonly<Record<string, string | number>>[];

/** Reads the items out of canonical JSON. */
type ReadItems = (json: string) => Items;

const INT_MAX = 2_147_483_647;

/** Several columns are derived from one list, so the last one is kept: it is parsed once per row. */
export function itemsReader(): ReadItems {
  let lastJson = '';
  let last: Items = [];
  return (json) => {
    if (json !== lastJson) [last, lastJson] = [JSON.parse(json) as Items, json];
    return last;
  };
}

/** A sum or a text of the items of the list in that column. */
export function listComputation(from: OfList, type: FieldType, column: number, itemsOf: ReadItems): Computation {
  const ofItems = from.kind === 'listOf' ? joined(from.of, from.separator) : sum(from.of, type);
  return {
    formula:
      from.kind === 'listOf' ? `the list of ${from.of} of ${from.list}` : `Σ ${from.of.join(' × ')} of ${from.list}`,
    compute: (row) => {
      const json = row[column];
      return typeof json === 'string' ? ofItems(itemsOf(json)) : json;
    },
  };
}

type OfItems = (items: Items) => Value | typeof TOO_LARGE;

const joined =
  (field: string, separator: string): OfItems =>
  (items) =>
    items.map((item) => item[field]).join(separator);

const sum = (of: readonly string[], type: FieldType): OfItems =>
  type === 'int' ? intSum(of[0]!) : decimalSum(of[0]!, of[1]);

/** The items of a record are few enough that numbers of 32 bits add up exactly. */
const intSum =
  (field: string): OfItems =>
  (items) => {
    let total = 0;
    for (const item of items) total += item[field] as number;
    return Math.abs(total) <= INT_MAX ? total : TOO_LARGE;
  };

const decimalSum =
  (field: string, factor: string | undefined): OfItems =>
  (items) => {
    let total: string | undefined;
    for (const item of items) {
      const value = String(item[field]);
      const term = factor === undefined ? value : multiplyDecimals(value, String(item[factor]));
      total = total === undefined ? term : addDecimals(total, term);
    }
    return total;
  };
