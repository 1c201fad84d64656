// Images and audio: multipart requests and binary answers.
import assert from 'node:assert/strict';
import OpenAI, { AzureOpenAI, toFile } from 'openai';
import { routed } from './harness/answers.js';
import { suite } from './harness/suite.js';

const bytes = (length) => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 256));
const pngMagic = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

suite('images and audio', {}, (stack, test) => {
  const clients = {
    AzureOpenAI: (options) => new AzureOpenAI(stack.azure(options)),
    OpenAI: () => new OpenAI(stack.v1()),
  };

  for (const [name, client] of Object.entries(clients)) {
    test(`${name}: an image is made`, async () => {
      const { data, response } = await client()
        .images.generate({ model: 'gpt-image-1', prompt: 'A gate over a river.', n: 2 })
        .withResponse();
      assert.equal(data.data.length, 2);
      assert.ok(Buffer.from(data.data[0].b64_json, 'base64').subarray(0, 4).equals(pngMagic));
      assert.ok(routed(response));
    });

    test(`${name}: an image is edited`, async () => {
      const image = await toFile(bytes(300_000), 'gate.png', { type: 'image/png' });
      // AzureOpenAI does not look into a form: it needs to be told the deployment.
      const edited = await client({ deployment: 'gpt-image-1' }).images.edit({
        model: 'gpt-image-1',
        image,
        prompt: 'Close the gate.',
      });
      assert.equal(edited.data[0].revised_prompt, 'Close the gate.');
    });

    test(`${name}: a recording of two megabytes is transcribed`, async () => {
      const file = await toFile(bytes(2_000_000), 'talk.mp3', { type: 'audio/mpeg' });
      const spoken = await client().audio.transcriptions.create({ model: 'whisper', file });
      assert.equal(spoken.text, 'A recording of 2000000 bytes called talk.mp3.');
      const subtitles = await client().audio.transcriptions.create({ model: 'whisper', file, response_format: 'srt' });
      assert.match(subtitles, /^1\n00:00:00,000 --> .*\nA recording of 2000000 bytes/);
      const translated = await client().audio.translations.create({ model: 'whisper', file });
      assert.equal(translated.text, spoken.text);
    });

    test(`${name}: speech is binary`, async () => {
      const say = { model: 'tts', voice: 'alloy', input: 'The same words give the same sound. '.repeat(50) };
      const response = await client().audio.speech.create(say);
      assert.equal(response.headers.get('content-type'), 'audio/mpeg');
      const sound = Buffer.from(await response.arrayBuffer());
      assert.ok(sound.length > 100_000, `${sound.length} bytes`);
      const wav = await client().audio.speech.create({ ...say, response_format: 'wav' });
      assert.equal(wav.headers.get('content-type'), 'audio/wav');
      assert.ok(Buffer.from(await wav.arrayBuffer()).equals(sound), 'byte for byte, whoever made it');
    });
  }

  test('a multipart body is sent again whole when a backend is throttled', async () => {
    const client = new OpenAI(stack.v1());
    const file = await toFile(bytes(500_000), 'again.wav');
    for (let i = 0; i < 3; ++i) await client.audio.transcriptions.create({ model: 'whisper', file });
    for (const name of ['eastus-ptu', 'westus']) {
      await stack.simulator.fault(name, { status: 429, retry_after_ms: 60_000 }, 'whisper');
    }
    const before = await stack.gateway.metric('retries_total');
    for (let i = 0; i < 3; ++i) {
      const { data, response } = await client.audio.transcriptions.create({ model: 'whisper', file }).withResponse();
      assert.equal(data.text, 'A recording of 500000 bytes called again.wav.');
      assert.equal(routed(response), 'swedencentral');
    }
    assert.equal((await stack.gateway.metric('retries_total')) - before, 2);
  });
});
