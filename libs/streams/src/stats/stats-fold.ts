import type { Row, Value } from '../stream.js';
import type { DecimalSum } from './decimal-sum.js';
import { StatsCell } from './stats-cell.js';
import { hourOfRow, nameOfRow, productsOfRow, sampleOfRow, type StatsShape } from './stats-shape.js';

export interface FoldOptions {
  readonly accountsOnly?: boolean;
  /** Default: every account */
  readonly wantsAccount?: (account: string) => boolean;
}

/** Records of one partition, grouped as their buckets are; made for every record, so it allocates per group only. */
export class StatsFold {
  private readonly cellsByCategory = new CellIndex();
  private readonly cellsByAccount = new CellIndex();
  /** of the first and last record that was added; -1: none */
  firstOffset = -1;
  lastOffset = -1;

  constructor(
    private readonly shape: StatsShape,
    private readonly options: FoldOptions = {},
  ) {}

  /** Offsets grow from call to call; rows of a table, which have no such order, may all give the same. */
  add(row: Row, writeTimeMicros: number, offset: number): void {
    const { shape } = this;
    if (this.firstOffset < 0) this.firstOffset = offset;
    this.lastOffset = offset;
    const hour = hourOfRow(row, shape, writeTimeMicros);
    const { accountsOnly, wantsAccount } = this.options;
    const products = productsOfRow(row, shape);
    if (!accountsOnly) {
      const cell = this.cellsByCategory.at(nameOfRow(row, shape.category), hour);
      const id = sampleOfRow(row, shape);
      if (id !== undefined) cell.sample(offset, id);
      this.addTo(cell, row, products, offset);
    }
    if (shape.account.index < 0) return;
    const account = nameOfRow(row, shape.account);
    if (wantsAccount && !wantsAccount(account)) return;
    this.addTo(this.cellsByAccount.at(account, Math.floor(hour / 24)), row, products, offset);
  }

  /** By category and hour. */
  get categories(): readonly StatsCell[] {
    return this.cellsByCategory.cells;
  }

  /** By account and day. */
  get accounts(): readonly StatsCell[] {
    return this.cellsByAccount.cells;
  }

  /** Those that are not wanted any more go. */
  dropAccounts(): void {
    const { wantsAccount = () => true } = this.options;
    this.cellsByAccount.keep(wantsAccount);
  }

  private addTo(cell: StatsCell, row: Row, products: readonly string[], offset: number): void {
    const { shape } = this;
    cell.lastOffset = offset;
    addNumber(cell.quantity, row[shape.quantity.index]);
    addNumber(cell.revenue, row[shape.revenue.index]);
    for (const name of products) cell.products.add(name);
    cell.count++;
  }
}

/** Most records come in the hour of the one before of their category. */
class CellIndex {
  cells: StatsCell[] = [];
  private readonly slotsByName = new Map<string, { last: StatsCell; readonly bySlot: Map<number, StatsCell> }>();

  at(name: string, slot: number): StatsCell {
    const slots = this.slotsByName.get(name);
    if (slots?.last.slot === slot) return slots.last;
    const cell = slots?.bySlot.get(slot) ?? new StatsCell(name, slot);
    if (!slots) this.slotsByName.set(name, { last: cell, bySlot: new Map([[slot, cell]]) });
    else {
      slots.last = cell;
      slots.bySlot.set(slot, cell);
    }
    if (cell.count === 0) this.cells.push(cell);
    return cell;
  }

  keep(wanted: (name: string) => boolean): void {
    this.cells = this.cells.filter(({ name }) => wanted(name));
    for (const name of this.slotsByName.keys()) if (!wanted(name)) this.slotsByName.delete(name);
  }
}

function addNumber(sum: DecimalSum, value: Value): void {
  if (typeof value === 'number') sum.addInteger(value);
  else if (typeof value === 'string') sum.add(value);
}
