// The resources and pools the tests look at.
const deployments = [
  { name: 'gpt-4o', completion_tokens: 120 },
  { name: 'gpt-4o-mini', completion_tokens: 12 },
];

// The README's example: provisioned throughput first, pay-as-you-go for what does not fit.
export const example = {
  resources: [
    {
      name: 'eastus-ptu',
      region: 'East US',
      kind: 'ptu',
      keys: ['eastus-ptu-key'],
      latency: { first_byte: '60ms', per_token: '4ms' },
      deployments: deployments.map((one) => ({ ...one, capacity: 10_000_000 })), // full only when a test says so
    },
    {
      name: 'westus',
      region: 'West US',
      keys: ['westus-key'],
      latency: { first_byte: '120ms', per_token: '8ms' },
      deployments,
    },
    {
      name: 'swedencentral',
      region: 'Sweden Central',
      keys: ['swedencentral-key'],
      latency: { first_byte: '140ms', per_token: '8ms' },
      deployments,
    },
  ],
  gateway: {
    pools: ([ptu, ...others]) => [
      {
        name: 'openai',
        members: [
          { backend: ptu, priority: 1 },
          ...others.map((backend) => ({ backend, priority: 2, weight: 50 })),
        ],
      },
    ],
  },
};

// As large as a pool gets. The backends name their deployments, so that each has a circuit of its own.
const twenty = Array.from({ length: 20 }, (_, i) => ({ name: `model-${String(i + 1).padStart(2, '0')}` }));
const regions = ['East US', 'West Europe', 'Sweden Central', 'Japan East', 'Australia East', 'UK South'];

export const large = {
  resources: Array.from({ length: 30 }, (_, i) => ({
    name: `resource-${String(i + 1).padStart(2, '0')}`,
    region: regions[i % regions.length],
    kind: i < 6 ? 'ptu' : 'paygo',
    keys: [`key-${i + 1}`],
    deployments: twenty,
  })),
  gateway: {
    pools: (names) => [{ name: 'everything', members: names.map((backend) => ({ backend })) }],
  },
};
