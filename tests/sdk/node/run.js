// Runs the suites with Node's own test runner. A process reads NODE_EXTRA_CA_CERTS when it starts, so the certificate
// is made here, before the processes that run the tests.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificates } from './harness/certificates.js';

const mostSeconds = 240;

for (const name of ['SPILLWAY_PROGRAM', 'SPILLWAY_LAB_PROGRAM']) {
  if (!process.env[name]) {
    console.error(`${name} must name the built program`);
    process.exit(2);
  }
}

const environment = { ...process.env };
for (const name of Object.keys(environment)) {
  if (/^(https?_proxy|all_proxy|no_proxy|ssl_cert_file|ssl_cert_dir|curl_ca_bundle)$/i.test(name))
    delete environment[name];
  if (/^(openai|azure_openai|langchain|langsmith)_/i.test(name)) delete environment[name];
}

const folder = mkdtempSync(join(tmpdir(), 'spillway-sdk-'));
makeCertificates(folder);
environment.SPILLWAY_TEST_FOLDER = folder;
environment.NODE_EXTRA_CA_CERTS = join(folder, 'ca.pem');

const runner = spawn(process.execPath, ['--test', '--test-reporter=spec', ...process.argv.slice(2)], {
  cwd: dirname(fileURLToPath(import.meta.url)),
  env: environment,
  stdio: 'inherit',
});
const watchdog = setTimeout(() => {
  console.error(`not done after ${mostSeconds} s`);
  runner.kill('SIGTERM');
}, mostSeconds * 1000);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => runner.kill('SIGTERM'));

runner.on('exit', (code) => {
  clearTimeout(watchdog);
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
