import { writeFileSync } from 'node:fs';
import { Program } from './program.js';

const deployments = [
  { name: 'gpt-4o-mini', version: '2024-07-18', context_window: 10_000_000 },
  { name: 'text-embedding-3-small' },
  { name: 'gpt-image-1' },
  { name: 'whisper' },
  { name: 'tts' },
];

// Three resources without limits that answer at once.
export const standardResources = [
  { name: 'eastus-ptu', region: 'East US', kind: 'ptu', keys: ['eastus-ptu-key'], deployments },
  { name: 'westus', region: 'West US', keys: ['westus-key'], deployments },
  { name: 'swedencentral', region: 'Sweden Central', keys: ['swedencentral-key'], deployments },
];

export class Simulator {
  // `file`: where its configuration is written to.
  static async start(file, resources) {
    const anyPort = '127.0.0.1:0';
    const config = { control: { address: anyPort }, resources: resources.map((one) => ({ ...one, address: anyPort })) };
    writeFileSync(file, JSON.stringify(config, null, 1)); // JSON is YAML
    const simulator = new Simulator();
    simulator.program = new Program(process.env.SPILLWAY_LAB_PROGRAM, ['simulate', '--config', file]);
    simulator.control = await simulator.program.printed('address of the control listener', (lines) =>
      lines.map((line) => line.match(/counters: (http:\/\/\S+)/)?.[1]).find(Boolean),
    );
    const { resources: running } = await simulator.#call('/resources');
    simulator.urls = Object.fromEntries(running.map((resource) => [resource.name, `http://${resource.address}`]));
    return simulator;
  }

  async #call(path, body) {
    const answer = await fetch(this.control + path, body && { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  // A word such as 'reset', an object, or null to clear it; without a resource for all of them.
  fault(resource, fault, deployment) {
    return this.#call('/faults', { resource, deployment, fault });
  }

  // As at the start: no faults, no counts.
  reset() {
    return this.#call('/reset', {});
  }

  // How often a resource answered so, over all deployments: requests('westus', '429').
  async requests(name, outcome) {
    const { resources } = await this.#call('/resources');
    const { requests } = resources.find((resource) => resource.name === name);
    let sum = 0;
    for (const outcomes of Object.values(requests)) {
      for (const [key, count] of Object.entries(outcomes)) if (outcome === undefined || key === outcome) sum += count;
    }
    return sum;
  }

  // The api-version values a resource has been sent, in order; `-` for none.
  async apiVersions(name) {
    const { resources } = await this.#call('/resources');
    return Object.keys(resources.find((resource) => resource.name === name).api_versions).sort();
  }

  async allRequests() {
    const counts = await Promise.all(Object.keys(this.urls).map((name) => this.requests(name)));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}
