// Reads streams of requests as Node's HTTP server (llhttp) does, through a socket. Standard input and output as those of
// read_messages.cpp; the first line names the methods that Node knows.
import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

let current;

const server = http.createServer({
  insecureHTTPParser: false,
  maxHeaderSize: 128 * 1024,
  requestTimeout: 0,
  headersTimeout: 0,
  keepAliveTimeout: 0,
});
// The end of the stream must not cut off what has been read already.
server.httpAllowHalfOpen = true;

server.on('request', (request, response) => {
  const message = { method: request.method, target: request.url, whole: false };
  current.messages.push(message);
  const hash = createHash('sha256');
  let size = 0;
  request.on('data', (piece) => {
    hash.update(piece);
    size += piece.length;
  });
  request.on('error', () => {});
  request.on('end', () => {
    const { headers } = request;
    message.framing = headers['transfer-encoding'] ? 'chunked' : headers['content-length'] ? 'length' : 'none';
    Object.assign(message, { size, sha256: hash.digest('hex'), whole: true });
    response.end();
  });
});

server.on('clientError', (error, socket) => {
  current.end = error.code === 'HPE_INVALID_EOF_STATE' ? 'incomplete' : error.code;
  // Messages before the broken one may still have their end to tell.
  setImmediate(() => socket.destroy());
});

function read(bytes) {
  current = { messages: [], end: 'complete' };
  return new Promise((resolve) => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => socket.end(bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      const messages = current.messages.filter(({ whole }) => whole).map(({ whole, ...told }) => told);
      resolve({ messages, end: current.end });
    });
    socket.resume();
  });
}

async function serve() {
  let input = Buffer.alloc(0);
  for await (const piece of process.stdin) {
    input = Buffer.concat([input, piece]);
    for (;;) {
      const lineEnd = input.indexOf('\n');
      const size = lineEnd < 0 ? NaN : Number(input.subarray(0, lineEnd));
      if (!(input.length >= lineEnd + 1 + size)) break;
      const stream = input.subarray(lineEnd + 1, lineEnd + 1 + size);
      input = input.subarray(lineEnd + 1 + size);
      process.stdout.write(`${JSON.stringify(await read(stream))}\n`);
    }
  }
  server.close();
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify(http.METHODS)}\n`);
  serve();
});
