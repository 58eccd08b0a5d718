/** So many may be inside at once; the others wait in line. */
export interface Window {
  /** undefined: inside already */
  enter(): Promise<void> | undefined;
  leave(this: void): void;
}

export function createWindow(size: number): Window {
  const line: (() => void)[] = [];
  let free = size;
  return {
    enter() {
      if (free > 0) {
        free--;
        return undefined;
      }
      return new Promise((resolve) => line.push(resolve));
    },
    leave() {
      const next = line.shift();
      if (next) next();
      else free++;
    },
  };
}
