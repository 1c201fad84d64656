import { File } from 'node:buffer';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Gateway, key } from './gateway.js';
import { Simulator, standardResources } from './simulator.js';

// Node 18 has it, but not as a global, where the SDK looks for it.
globalThis.File ??= File;

const apiVersion = '2024-10-21';

// A simulator and a gateway in front of it.
export class Stack {
  // `gateway(backends)` completes the gateway's configuration, given one backend a resource.
  constructor({ resources = standardResources, gateway = onePool }) {
    this.resources = resources;
    this.complete = gateway;
  }

  async start() {
    this.folder = mkdtempSync(join(process.env.SPILLWAY_TEST_FOLDER, 'stack-'));
    this.simulator = await Simulator.start(join(this.folder, 'lab.yaml'), this.resources);
    const backends = this.resources.map(({ name, region, kind, api, keys }) => ({
      name,
      url: this.simulator.urls[name],
      region,
      ...(kind && { kind }),
      ...(api && { api }),
      auth: { api_key: keys[0] },
    }));
    this.gateway = await Gateway.start(this.folder, this.complete(backends));
  }

  async stop() {
    const programs = [this.gateway, this.simulator].filter(Boolean).map((one) => one.program.stop());
    const failed = (await Promise.allSettled(programs)).find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    const secrets = [key, ...this.resources.flatMap(({ keys }) => keys)];
    const leak = this.gateway.program.lines.findIndex((line) => secrets.some((secret) => line.includes(secret)));
    if (leak >= 0) throw new Error(`line ${leak + 1} of what the gateway printed holds a key`);
  }

  // Options of the SDKs' classes. Retries are the gateway's task here, so the SDK does none unless a test wants it to.
  azure(options) {
    return { endpoint: this.gateway.url, apiKey: key, apiVersion, maxRetries: 0, timeout: 15_000, ...options };
  }
  v1(options) {
    return { baseURL: `${this.gateway.url}/openai/v1`, apiKey: key, maxRetries: 0, timeout: 15_000, ...options };
  }

  // Runs a test and, when it fails, adds to the message what the gateway logged meanwhile.
  async explained(body) {
    const seen = this.gateway.program.lines.length;
    try {
      await body();
    } catch (error) {
      await pause(200); // the last lines may still be on their way
      const lines = this.gateway.program.lines.slice(seen).slice(-40);
      error.message += `\nthe gateway meanwhile:\n${lines.join('\n') || '(nothing)'}`;
      throw error;
    }
  }
}

export function onePool(backends, members = backends.map(({ name }) => ({ backend: name }))) {
  return { backends, pools: [{ name: 'openai', members }] };
}

// One stack for the tests that `define` adds with `test(name, body)`; the tests run one after the other.
export function suite(title, options, define) {
  describe(title, { timeout: 90_000 }, () => {
    const stack = new Stack(options);
    before(() => stack.start(), { timeout: 30_000 });
    after(() => stack.stop(), { timeout: 30_000 });
    define(stack, (name, body) => it(name, { timeout: 30_000 }, () => stack.explained(body)));
  });
}
