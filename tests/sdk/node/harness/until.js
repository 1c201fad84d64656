import { setTimeout as pause } from 'node:timers/promises';

// The first value of `ask` that is not undefined, null or false. Throws when there is none in time.
export async function until(what, ask, { within = 10_000 } = {}) {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${within} ms`);
    await pause(10);
  }
}
