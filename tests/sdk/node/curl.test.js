// curl as it is, without an SDK.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { model, question } from './harness/answers.js';
import { key } from './harness/gateway.js';
import { suite } from './harness/suite.js';

suite('curl', {}, (stack, test) => {
  const chatUrl = () => `${stack.gateway.url}/openai/deployments/${model}/chat/completions?api-version=2024-10-21`;
  const authorized = ['-H', `api-key: ${key}`, '-H', 'content-type: application/json'];
  const body = (more) => JSON.stringify({ ...question('Hello'), ...more });

  // What curl printed and, with -v, told; a failure throws.
  function curl(...args) {
    const always = ['--silent', '--show-error', '--max-time', '20', '--cacert', process.env.NODE_EXTRA_CA_CERTS];
    return new Promise((resolve, reject) => {
      execFile('curl', [...always, ...args], { maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`curl ended with ${error.code}: ${stderr}`));
        else resolve({ stdout, stderr });
      });
    });
  }
  const headAndBody = (text) => {
    const end = text.lastIndexOf('\r\n\r\n');
    return [text.slice(0, end), text.slice(end + 4)];
  };

  test('chat, with the head shown', async () => {
    const { stdout } = await curl('-i', chatUrl(), ...authorized, '-d', body());
    const [head, answer] = headAndBody(stdout);
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    for (const name of ['x-ms-region', 'x-routed-backend', 'x-routing-strategy', 'x-circuit-state']) {
      assert.equal(head.toLowerCase().split(`\r\n${name}: `).length, 2, `${name} once in\n${head}`);
    }
    assert.equal(JSON.parse(answer).choices[0].message.content, 'You said: Hello');
  });

  for (const [where, args, inQuery] of [
    ['Ocp-Apim-Subscription-Key', ['-H', `Ocp-Apim-Subscription-Key: ${key}`]],
    ['a bearer token', ['-H', `Authorization: Bearer ${key}`]],
    ['the query as api-key', [], `&api-key=${key}`],
    ['the query as subscription-key', [], `&subscription-key=${key}`],
  ]) {
    test(`the key in ${where}`, async () => {
      const { stdout } = await curl(
        chatUrl() + (inQuery ?? ''),
        ...args,
        '-H',
        'content-type: application/json',
        '-d',
        body(),
      );
      assert.equal(JSON.parse(stdout).choices[0].message.content, 'You said: Hello');
    });
  }

  test('no key and a wrong one are told apart', async () => {
    const code = async (...args) => JSON.parse((await curl(chatUrl(), '-d', body(), ...args)).stdout).error.code;
    assert.equal(await code(), 'missing_api_key');
    assert.equal(await code('-H', 'api-key: wrong'), 'invalid_api_key');
  });

  test('a stream with -N', async () => {
    const { stdout } = await curl(
      '-N',
      chatUrl(),
      ...authorized,
      '-d',
      body({ stream: true, stream_options: { include_usage: true } }),
    );
    const events = stdout.trimEnd().split('\n\n');
    assert.equal(events.at(-1), 'data: [DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.replace(/^data: /, '')));
    assert.ok(chunks.at(-1).usage.completion_tokens > 0);
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join(''), 'You said: Hello');
  });

  test('a body of 1.5 MB is expected and let in', async () => {
    const file = join(stack.folder, 'large.json');
    writeFileSync(file, body({ messages: question('x'.repeat(1_500_000)).messages }));
    const { stdout, stderr } = await curl(
      '-v',
      '--expect100-timeout',
      '15',
      '-H',
      'Expect: 100-continue',
      chatUrl(),
      ...authorized,
      '--data-binary',
      `@${file}`,
    );
    assert.match(stderr, /> Expect: 100-continue/);
    assert.match(stderr, /< HTTP\/1\.1 100 Continue/);
    assert.ok(!stderr.includes('Done waiting for 100-continue'), 'curl did not have to give up waiting');
    assert.ok(JSON.parse(stdout).usage.prompt_tokens >= 375_000);
  });

  test('a large body with a wrong key is refused before it is sent', async () => {
    const file = join(stack.folder, 'large.json');
    const { stdout, stderr } = await curl(
      '-v',
      '--expect100-timeout',
      '15',
      '-H',
      'Expect: 100-continue',
      '-H',
      'api-key: wrong',
      chatUrl(),
      '--data-binary',
      `@${file}`,
    );
    assert.match(stderr, /< HTTP\/1\.1 401 /);
    assert.ok(!stderr.includes('100 Continue'));
    assert.equal(JSON.parse(stdout).error.code, 'invalid_api_key');
  });

  test('HTTP/1.0', async () => {
    const { stdout } = await curl('-i', '--http1.0', chatUrl(), ...authorized, '-d', body());
    const [head, answer] = headAndBody(stdout);
    assert.ok(!/transfer-encoding/i.test(head));
    assert.equal(JSON.parse(answer).choices[0].message.content, 'You said: Hello');
  });

  test('a stream over HTTP/1.0 ends with the connection', async () => {
    const { stdout } = await curl(
      '-i',
      '-N',
      '--http1.0',
      chatUrl(),
      ...authorized,
      '-d',
      body({ stream: true }),
    );
    const head = stdout.slice(0, stdout.indexOf('\r\n\r\n'));
    assert.ok(!/transfer-encoding/i.test(head));
    assert.ok(stdout.endsWith('data: [DONE]\n\n'));
  });

  test('HEAD has no body and leaves the connection usable', async () => {
    const models = `${stack.gateway.url}/openai/v1/models`;
    const { stdout, stderr } = await curl(
      '-v',
      '-I',
      models,
      ...authorized,
      '--next',
      '--silent',
      '--cacert',
      process.env.NODE_EXTRA_CA_CERTS,
      models,
      ...authorized,
    );
    assert.match(stdout, /^HTTP\/1\.1 \d+ /);
    assert.match(stdout.toLowerCase(), /\r\nx-routed-backend: /);
    const list = stdout.slice(stdout.indexOf('\r\n\r\n') + 4);
    assert.equal(JSON.parse(list).object, 'list');
    assert.match(stderr, /Re-using existing connection/);
  });

  test('two requests on one connection', async () => {
    const { stdout, stderr } = await curl('-v', chatUrl(), chatUrl(), ...authorized, '-d', body());
    assert.equal(stdout.split('You said: Hello').length, 3);
    assert.match(stderr, /Re-using existing connection/);
  });

  test('TLS 1.2 and 1.3 are spoken, and http/1.1 is agreed on', async () => {
    const version = async (...args) => (await curl('-v', ...args, chatUrl(), ...authorized, '-d', body())).stderr;
    const old = await version('--tls-max', '1.2');
    assert.match(old, /SSL connection using TLSv1\.2/);
    const modern = await version('--tlsv1.3');
    assert.match(modern, /SSL connection using TLSv1\.3/);
    assert.match(modern, /ALPN: server accepted http\/1\.1/);
  });
});
