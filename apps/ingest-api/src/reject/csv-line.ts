/**
 * Cells as one CSV record (RFC 4180) without its line end. As `sampleCsv` does it, without csv-stringify: quoting is one
 * line, and rows that are not UTF-8 must leave with the bytes they came with.
 */
export const csvLine = (cells: readonly string[], delimiter = ','): string =>
  cells.map((cell) => (isBare(cell, delimiter) ? cell : `"${cell.replaceAll('"', '""')}"`)).join(delimiter);

const isBare = (cell: string, delimiter: string): boolean => !/["\r\n]/.test(cell) && !cell.includes(delimiter);
