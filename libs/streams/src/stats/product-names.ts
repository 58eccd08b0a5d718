/** Longer names of categories, accounts and products are cut. */
const MAX_NAME = 200;
/** Names that are known at once. */
const MAX_NAMES = 10_000;

/** Not longer than a bucket shows, and as it comes back from a table: half of a surrogate pair has no UTF-8. */
export const storedName = (text: string): string =>
  (text.length > MAX_NAME ? text.slice(0, MAX_NAME) : text).toWellFormed();

/**
 * One string for all that are equal, with characters of its own: what `split` gives is a view that keeps the whole list
 * in memory, and V8 compares views several times slower, which statistics do for nearly every record.
 */
export class ProductNames {
  private readonly nameByText = new Map<string, string>();

  of(text: string): string {
    let name = this.nameByText.get(text);
    if (name === undefined) {
      if (this.nameByText.size >= MAX_NAMES) this.nameByText.clear();
      name = Buffer.from(storedName(text)).toString();
      this.nameByText.set(name, name);
    }
    return name;
  }
}
