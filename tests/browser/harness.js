// A simulator, a gateway in front of it, and a browser that looks at the gateway's status page.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { Program } from '../sdk/node/harness/program.js';
import { Simulator } from '../sdk/node/harness/simulator.js';
import { until } from '../sdk/node/harness/until.js';

export { until };

const key = 'key-of-the-tests';
const pictures = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));

export function needPrograms() {
  for (const name of ['SPILLWAY_PROGRAM', 'SPILLWAY_LAB_PROGRAM']) {
    if (!process.env[name]) throw new Error(`${name} must name the built program`);
  }
}

function event(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

// What stands behind the page. `pools(names)`: the configuration's pools, given the names of the resources.
export class Stack {
  static async start(resources, { pools, ...more }) {
    const stack = new Stack();
    stack.folder = mkdtempSync(join(tmpdir(), 'spillway-browser-'));
    stack.simulator = await Simulator.start(join(stack.folder, 'lab.yaml'), resources);
    stack.config = {
      listeners: [{ address: '127.0.0.1:0' }],
      admin: { address: '127.0.0.1:0' },
      workers: 2,
      clients: [{ name: 'tests', keys: [key] }],
      backends: resources.map(({ name, region, kind, keys, deployments }) => ({
        name,
        url: stack.simulator.urls[name],
        region,
        ...(kind && { kind }),
        auth: { api_key: keys[0] },
        deployments: Object.fromEntries(deployments.map((one) => [one.name, one.name])),
      })),
      pools: pools(resources.map(({ name }) => name)),
      log: { access: false },
      ...more,
    };
    await stack.serve();
    return stack;
  }

  write(config) {
    writeFileSync(join(this.folder, 'spillway.yaml'), JSON.stringify(config, null, 1)); // JSON is YAML
  }

  async serve() {
    this.write(this.config);
    const arguments_ = ['serve', '--config', 'spillway.yaml'];
    this.gateway = new Program(process.env.SPILLWAY_PROGRAM, arguments_, { cwd: this.folder });
    const address = (isAdmin) =>
      this.gateway.printed(
        'addresses of the listeners',
        (lines) =>
          lines.map(event).find((one) => one.message === 'listening' && Boolean(one.admin) === isAdmin)?.address,
      );
    this.url = `http://${await address(false)}`;
    this.admin = `http://${await address(true)}`;
    await until('ready', async () => (await fetch(`${this.admin}/readyz`)).ok);
  }

  // On the admin address the page was loaded from.
  async serveAgain() {
    this.config.admin.address = new URL(this.admin).host;
    await this.serve();
  }

  // One chat; the status of its answer.
  async chat(model, more) {
    const path = `/openai/deployments/${model}/chat/completions?api-version=2024-10-21`;
    const answer = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'How deep is the lake behind the dam?' }], ...more }),
    });
    await answer.text();
    return answer.status;
  }

  async reload() {
    return (await fetch(`${this.admin}/reload`, { method: 'POST' })).status;
  }

  async stop() {
    const ended = await Promise.allSettled([this.gateway, this.simulator.program].map((one) => one.stop()));
    rmSync(this.folder, { recursive: true, force: true });
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  }
}

export class Browser {
  static async start() {
    const browser = new Browser();
    // Chromium keeps its sandbox unless it runs as root, where it cannot.
    browser.chromium = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      chromiumSandbox: process.getuid() !== 0,
    });
    return browser;
  }

  // The status page, once it shows something. `complaints` of the page takes whatever the browser does not like, and
  // every request that does not go to the gateway. `onStatus`: a playwright route for what it asks.
  async open(admin, options = {}, onStatus) {
    const context = await this.chromium.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB', ...options });
    const page = await context.newPage();
    page.complaints = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text());
    });
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${admin}/`) && !url.startsWith('data:')) page.complaints.push(`asks for ${url}`);
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (violation) => console.error(`CSP: ${violation.violatedDirective}`));
    });
    if (onStatus) await page.route('**/status?*', onStatus);
    await page.goto(`${admin}/`);
    await page.locator('.pool').first().waitFor();
    return page;
  }

  async stop() {
    await this.chromium.close();
  }
}

// Into the build folder, for people to look at.
export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
