// Files and what is made of them, over resources that know nothing of each other's.
import assert from 'node:assert/strict';
import { NotFoundError, toFile } from 'openai';
import { collect, model, tally } from './harness/answers.js';
import { suite } from './harness/suite.js';
import { onEverySurface, separateResources, surfaces, trail } from './harness/surfaces.js';
import { until } from './harness/until.js';

const marked = /_spw[0-9A-Za-z_-]{16}$/;
const text = (words, name = 'notes.txt') => toFile(Buffer.from(words), name);

suite('objects of several resources', { resources: separateResources }, (stack, test) => {
  const each = (title, body) => onEverySurface(stack, test, title, body);

  each('a file is uploaded, read and deleted', async (client, words) => {
    const file = await client.files.create({ file: await text(words), purpose: 'assistants' });
    assert.match(file.id, marked);
    assert.equal(file.bytes, words.length);
    assert.equal((await client.files.retrieve(file.id)).filename, 'notes.txt');
    assert.equal(await (await client.files.content(file.id)).text(), words);
    assert.ok((await client.files.delete(file.id)).deleted);
    await assert.rejects(client.files.retrieve(file.id), NotFoundError);
  });

  each('a file is an input of a response', async (client, words) => {
    const file = await client.files.create({ file: await text(words), purpose: 'user_data' });
    const content = [
      { type: 'input_file', file_id: file.id },
      { type: 'input_text', text: 'What does it say?' },
    ];
    const answer = await client.responses.create({ model, input: [{ role: 'user', content }] });
    assert.equal(answer.output_text, 'You said: What does it say?');
  });

  each('a batch runs over an uploaded file', async (client, words) => {
    const url = '/v1/chat/completions';
    const ask = (i) => ({ model, messages: [{ role: 'user', content: `${words} ${i}` }] });
    const lines = [1, 2, 3].map((i) => ({ custom_id: `line-${i}`, method: 'POST', url, body: ask(i) }));
    const jsonl = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const input = await client.files.create({ file: await text(jsonl, 'in.jsonl'), purpose: 'batch' });
    const made = await client.batches.create({ input_file_id: input.id, endpoint: url, completion_window: '24h' });
    assert.equal(made.input_file_id, input.id);
    const done = await until('completed', async () => {
      const now = await client.batches.retrieve(made.id);
      return now.status === 'completed' && now;
    });
    assert.match(done.output_file_id, marked);
    const output = (await (await client.files.content(done.output_file_id)).text()).trim().split('\n').map(JSON.parse);
    assert.deepEqual(
      output.map((line) => [line.custom_id, line.response.body.choices[0].message.content]),
      [1, 2, 3].map((i) => [`line-${i}`, `You said: ${words} ${i}`]),
    );
    assert.equal((await client.files.retrieve(done.output_file_id)).purpose, 'batch_output');

    const unwanted = await client.batches.create({ input_file_id: input.id, endpoint: url, completion_window: '24h' });
    assert.equal((await client.batches.cancel(unwanted.id)).status, 'cancelled');
  });

  test('AzureOpenAI: told its deployment it makes batches below it', async () => {
    const { backends, fetch } = trail();
    for (let i = 0; i < 3; ++i) {
      const client = surfaces.AzureOpenAI(stack, { fetch, deployment: model });
      const input = await client.files.create({ file: await text('{}\n', 'in.jsonl'), purpose: 'batch' });
      const endpoint = '/v1/chat/completions';
      const made = await client.batches.create({ input_file_id: input.id, endpoint, completion_window: '24h' });
      assert.equal((await client.batches.retrieve(made.id)).input_file_id, input.id);
      assert.equal(new Set(backends.splice(0)).size, 1);
    }
  });

  each('an upload in parts becomes a file', async (client, words) => {
    const upload = await client.uploads.create({
      filename: 'whole.txt',
      purpose: 'assistants',
      bytes: 2 * words.length,
      mime_type: 'text/plain',
    });
    const part = async () => (await client.uploads.parts.create(upload.id, { data: await text(words) })).id;
    const parts = [await part(), await part()];
    const done = await client.uploads.complete(upload.id, { part_ids: parts });
    assert.equal(done.status, 'completed');
    assert.equal(await (await client.files.content(done.file.id)).text(), words + words);
  });

  each('a vector store is filled, searched and used as a tool', async (client, words) => {
    const file = await client.files.create({ file: await text(words), purpose: 'assistants' });
    const store = await client.vectorStores.create({ name: words, file_ids: [file.id] });
    assert.match(store.id, marked);
    const listed = await collect(client.vectorStores.files.list(store.id));
    assert.deepEqual(
      listed.map((one) => one.id),
      [file.id],
    );
    const found = await collect(client.vectorStores.search(store.id, { query: 'words' }));
    assert.deepEqual(
      found.map((one) => [one.file_id, one.content[0].text]),
      [[file.id, words]],
    );

    const answer = await client.responses.create({
      model,
      input: words,
      tools: [{ type: 'file_search', vector_store_ids: [store.id] }],
    });
    assert.equal(answer.output_text, `You said: ${words}`);
    const batch = await client.vectorStores.fileBatches.createAndPoll(store.id, { file_ids: [file.id] });
    assert.equal(batch.file_counts.completed, 1);
    assert.equal((await client.vectorStores.files.retrieve(file.id, { vector_store_id: store.id })).id, file.id);
    await client.vectorStores.files.delete(file.id, { vector_store_id: store.id });
    await client.vectorStores.update(store.id, { name: 'renamed' });
    assert.equal((await client.vectorStores.retrieve(store.id)).name, 'renamed');
    await client.vectorStores.delete(store.id);
    await assert.rejects(client.vectorStores.retrieve(store.id), NotFoundError);
  });

  each('a container holds files and serves the code interpreter', async (client, words) => {
    const container = await client.containers.create({ name: 'workbench' });
    assert.match(container.id, marked);
    const file = await client.containers.files.create(container.id, { file: await text(words) });
    const content = await client.containers.files.content.retrieve(file.id, { container_id: container.id });
    assert.equal(await content.text(), words);
    const answer = await client.responses.create({
      model,
      input: words,
      tools: [{ type: 'code_interpreter', container: container.id }],
    });
    assert.equal(answer.output_text, `You said: ${words}`);
    assert.equal((await collect(client.containers.files.list(container.id))).length, 1);
    await client.containers.delete(container.id);
    await assert.rejects(client.containers.retrieve(container.id), NotFoundError);
  });

  each('a fine-tuning job runs over an uploaded file', async (client, words) => {
    const file = await client.files.create({ file: await text(words, 'train.jsonl'), purpose: 'fine-tune' });
    const job = await client.fineTuning.jobs.create({ model, training_file: file.id });
    assert.equal(job.training_file, file.id);
    const done = await until('succeeded', async () => {
      const now = await client.fineTuning.jobs.retrieve(job.id);
      return now.status === 'succeeded' && now;
    });
    assert.ok(done.fine_tuned_model.startsWith(model));
    assert.equal((await collect(client.fineTuning.jobs.listEvents(job.id, { limit: 1 }))).length, 2);
    assert.equal((await collect(client.fineTuning.jobs.checkpoints.list(job.id))).length, 1);
    const unwanted = await client.fineTuning.jobs.create({ model, training_file: file.id });
    assert.equal((await client.fineTuning.jobs.cancel(unwanted.id)).status, 'cancelled');
  });
});

suite('lists of several resources', { resources: separateResources }, (stack, test) => {
  test('thirty files, ten at each resource', async () => {
    const { backends, fetch } = trail();
    const client = surfaces.AzureOpenAI(stack, { fetch });
    const file = await text('one of thirty');
    await Promise.all(Array.from({ length: 30 }, () => client.files.create({ file, purpose: 'assistants' })));
    assert.deepEqual(Object.values(tally(backends)), [10, 10, 10]);
  });

  onEverySurface(stack, test, 'the pages of a list come from one resource', async (client) => {
    const listed = await collect(client.files.list({ limit: 3 }));
    assert.equal(new Set(listed.map(({ id }) => id)).size, 10);
    assert.ok(listed.every(({ id }) => marked.test(id)));
  });
});
