import { totalmem } from 'node:os';

export const KAFKA_HEAP_MB = 512;
export const REGISTRY_HEAP_MB = 256;

const MIB = 1024 * 1024;

/** Memory this machine or its container may use, MiB. */
export function machineMemoryMb(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return Math.floor((limit > 0 && limit < total ? limit : total) / MIB);
}

/** A twelfth of the memory, at least 512, at most 2048 MiB: both servers, both apps and a browser fit into 8 GiB. */
export function cassandraHeapMb(memoryMb: number): number {
  return Math.min(2048, Math.max(512, Math.floor(memoryMb / 12)));
}
