/** Every list of the API. `next` is the cursor of the page behind this one, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
