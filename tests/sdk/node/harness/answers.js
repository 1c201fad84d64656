// What the answers of the gateway have in common.
import assert from 'node:assert/strict';

export const model = 'gpt-4o-mini';
export const question = (content = 'Say this back to me.') => ({ model, messages: [{ role: 'user', content }] });

export const routed = (response) => response.headers.get('x-routed-backend');
export const region = (response) => response.headers.get('x-ms-region');

// How often each value occurs: {westus: 2, eastus: 1}.
export function tally(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

// Everything an async iterable yields.
export async function collect(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

export const chatText = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join('');

// How the gateway's own request ids look.
export const gatewayId = /^[0-9a-f]{32}$/;

// The error a promise is rejected with, which must be of that class.
export async function rejection(promise, type) {
  const error = await promise.then(
    () => assert.fail(`no ${type.name}`),
    (thrown) => thrown,
  );
  assert.ok(error instanceof type, `${error.constructor.name} instead of ${type.name}: ${error.message}`);
  return error;
}
