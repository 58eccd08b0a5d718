/** Offsets of one piece, a bit each. */
const PIECE = 4_096n;

/**
 * Places of records that have a dead letter. A bit for each offset, in pieces of half a KiB that are there only where a
 * letter is: however many letters there are, never more than an eighth of a byte for each record that the topic has had.
 */
export class LetteredPlaces {
  private readonly bitsByPiece = new Map<string, Uint8Array>();

  add(partition: number, offset: string): void {
    const { piece, bit } = placeOf(partition, offset);
    let bits = this.bitsByPiece.get(piece);
    if (!bits) this.bitsByPiece.set(piece, (bits = new Uint8Array(Number(PIECE) / 8)));
    bits[bit >> 3]! |= 1 << (bit & 7);
  }

  has(partition: number, offset: string): boolean {
    if (this.bitsByPiece.size === 0) return false;
    const { piece, bit } = placeOf(partition, offset);
    return ((this.bitsByPiece.get(piece)?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}

function placeOf(partition: number, offset: string): { piece: string; bit: number } {
  const at = BigInt(offset);
  return { piece: `${partition}:${at / PIECE}`, bit: Number(at % PIECE) };
}
