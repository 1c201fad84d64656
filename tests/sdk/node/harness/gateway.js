import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from './program.js';
import { until } from './until.js';

export const key = 'key-of-the-tests';

function event(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

export class Gateway {
  static async start(folder, config) {
    const file = join(folder, 'spillway.yaml');
    const tls = { certificate: join(folder, '..', 'server.pem'), private_key: join(folder, '..', 'server.key') };
    const whole = {
      listeners: [{ address: '127.0.0.1:0', tls }],
      admin: { address: '127.0.0.1:0' },
      workers: 2,
      clients: [{ name: 'tests', keys: [key] }],
      ...config,
    };
    writeFileSync(file, JSON.stringify(whole, null, 1)); // JSON is YAML
    const gateway = new Gateway();
    gateway.program = new Program(process.env.SPILLWAY_PROGRAM, ['serve', '--config', file]);
    const address = (isAdmin) =>
      gateway.program.printed(
        'addresses of the listeners',
        (lines) =>
          lines.map(event).find((one) => one.message === 'listening' && Boolean(one.admin) === isAdmin)?.address,
      );
    gateway.url = `https://${await address(false)}`;
    gateway.admin = `http://${await address(true)}`;
    await until('ready', async () => (await fetch(`${gateway.admin}/readyz`)).ok);
    return gateway;
  }

  async status() {
    return (await fetch(`${this.admin}/status`)).json();
  }

  // The member of a pool, by default of the first that has it, as /status shows it.
  async member(backend) {
    const { pools } = await this.status();
    return pools.flatMap((pool) => pool.members).find((member) => member.backend === backend);
  }

  // The sum of a metric over its series that carry these labels: metric('attempts_total', {outcome: 'cancelled'}).
  async metric(name, labels = {}) {
    const text = await (await fetch(`${this.admin}/metrics`)).text();
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const series = text.split('\n').filter((line) => line.match(/^\w+/)?.[0] === `spillway_${name}`);
    return series
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  // Access-log lines so far.
  log() {
    return this.program.lines.map(event).filter((line) => line.request_id);
  }
}
