import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Address } from './conversation.js';

export interface ScriptedServer {
  readonly address: Address;
  close(): Promise<void>;
}

/** Answers the n-th bytes it gets with the n-th answer, in pieces if asked to; `close` hangs up. */
export async function listenOn(
  answers: ReadonlyArray<Buffer | 'close'>,
  pieceBytes = Infinity,
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const left = [...answers];
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', () => {
      const answer = left.shift();
      if (answer === 'close') socket.destroy();
      else if (answer) void writeInPieces(socket, answer, pieceBytes);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function writeInPieces(socket: Socket, bytes: Buffer, pieceBytes: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    socket.write(bytes.subarray(at, Math.min(bytes.length, at + pieceBytes)));
    await new Promise((turn) => setImmediate(turn));
  }
}
