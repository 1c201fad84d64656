// The ways to address the gateway, and which backends a client's requests went to.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI } from 'openai';
import { routed } from './answers.js';

export const surfaces = {
  AzureOpenAI: (stack, options) => new AzureOpenAI(stack.azure({ apiVersion: '2025-03-01-preview', ...options })),
  'OpenAI at /openai/v1/': (stack, options) =>
    new OpenAI(stack.v1({ baseURL: `${stack.gateway.url}/openai/v1/`, ...options })),
  'OpenAI at /v1': (stack, options) => new OpenAI(stack.v1({ baseURL: `${stack.gateway.url}/v1`, ...options })),
};

const model = 'gpt-4o-mini';
const deployments = [
  { name: model },
  { name: 'gpt-4o', latency: { first_byte: '100ms' } },
  { name: 'o3', latency: { first_byte: '1m' } },
];

// Resources that know nothing of each other's objects; one of them speaks OpenAI's own dialect.
export const separateResources = [
  { name: 'eastus', region: 'East US', keys: ['eastus-key'], deployments },
  { name: 'westus', region: 'West US', keys: ['westus-key'], deployments },
  { name: 'openai', api: 'openai', keys: ['openai-key'], deployments },
];

// A fetch that notes the backend of each answer it gets from the gateway.
export function trail() {
  const backends = [];
  return {
    backends,
    fetch: async (...request) => {
      const response = await fetch(...request);
      // The SDK tries fetch out on `data:,` before its first form.
      if (response.url.startsWith('https:')) backends.push(routed(response));
      return response;
    },
  };
}

// Adds a test for each surface: `body(client, words)` runs once for each resource, all at the same time. What one of them
// makes must stay where it began, and together they must use every resource.
export function onEverySurface(stack, test, title, body) {
  for (const [name, connect] of Object.entries(surfaces)) {
    test(`${name}: ${title}`, async () => {
      const trails = stack.resources.map(() => trail());
      await Promise.all(trails.map(({ fetch }, i) => body(connect(stack, { fetch }), `words of caller ${i}`)));
      for (const { backends } of trails) assert.equal(new Set(backends).size, 1, `one backend, not ${backends}`);
      const used = new Set(trails.flatMap(({ backends }) => backends));
      assert.deepEqual([...used].sort(), stack.resources.map((one) => one.name).sort(), 'every resource has its turn');
    });
  }
}
