/** Names in the list of products of a bucket: the first so many in the order of their text. */
export const MAX_PRODUCTS = 50;

/**
 * The first names of all that were added, sorted by code units (the same on every machine), each once. What comes out
 * does not depend on the order of adding them.
 */
export class ProductList {
  private own: string[] | undefined;

  /** `given` is never changed: it is copied for the first name that is not in it. */
  constructor(
    private readonly given: readonly string[] = [],
    /** there were more than the list has */
    public hasMore = false,
  ) {}

  get names(): readonly string[] {
    return this.own ?? this.given;
  }

  add(name: string): void {
    const { names } = this;
    const isFull = names.length === MAX_PRODUCTS;
    if (isFull && name > names[MAX_PRODUCTS - 1]!) {
      this.hasMore = true;
      return;
    }
    const place = placeIn(names, name);
    if (names[place] === name) return;
    this.own ??= [...this.given];
    this.own.splice(place, 0, name);
    if (!isFull) return;
    this.own.pop();
    this.hasMore = true;
  }

  addAll({ names, hasMore }: Pick<ProductList, 'names' | 'hasMore'>): void {
    for (const name of names) this.add(name);
    this.hasMore ||= hasMore;
  }
}

/** Where the name stands, or would stand. */
function placeIn(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]! < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
