// LangChain's classes for Azure OpenAI.
import assert from 'node:assert/strict';
import { tool } from '@langchain/core/tools';
import { AzureChatOpenAI, AzureOpenAIEmbeddings, ChatOpenAI } from '@langchain/openai';
import { collect, model } from './harness/answers.js';
import { suite } from './harness/suite.js';
import { key } from './harness/gateway.js';

suite('LangChain', {}, (stack, test) => {
  const options = (deployment) => ({
    azureOpenAIEndpoint: stack.gateway.url,
    azureOpenAIApiKey: key,
    azureOpenAIApiVersion: '2024-10-21',
    azureOpenAIApiDeploymentName: deployment,
    maxRetries: 0,
  });
  const chat = () => new AzureChatOpenAI(options(model));

  test('AzureChatOpenAI: invoke', async () => {
    const message = await chat().invoke('Hello');
    assert.equal(message.content, 'You said: Hello');
    assert.equal(message.response_metadata.finish_reason, 'stop');
    assert.ok(message.usage_metadata.total_tokens > 0);
  });

  test('AzureChatOpenAI: stream, with the usage it asks for', async () => {
    const pieces = await collect(await chat().stream('in pieces'));
    assert.ok(pieces.length > 3);
    assert.equal(pieces.map((piece) => piece.content).join(''), 'You said: in pieces');
    assert.ok(pieces.some((piece) => piece.usage_metadata?.output_tokens > 0));
  });

  test('AzureChatOpenAI: batch', async () => {
    const messages = await chat().batch(['one', 'two', 'three', 'four']);
    assert.deepEqual(
      messages.map(({ content }) => content),
      ['one', 'two', 'three', 'four'].map((word) => `You said: ${word}`),
    );
  });

  test('AzureChatOpenAI: a bound tool is called', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string', default: 'Paris' } } };
    const weather = tool(() => 'sunny', { name: 'get_weather', description: 'The weather.', schema });
    const message = await chat().bindTools([weather]).invoke('Please use get_weather.');
    assert.deepEqual(
      message.tool_calls.map(({ name, args }) => ({ name, args })),
      [{ name: 'get_weather', args: { city: 'Paris' } }],
    );
  });

  test('AzureOpenAIEmbeddings', async () => {
    // This class does not know azureOpenAIEndpoint.
    const embeddings = new AzureOpenAIEmbeddings({
      ...options('text-embedding-3-small'),
      azureOpenAIBasePath: `${stack.gateway.url}/openai/deployments`,
    });
    const vectors = await embeddings.embedDocuments(['one', 'two']);
    assert.deepEqual(
      vectors.map((vector) => vector.length),
      [1536, 1536],
    );
  });

  test('ChatOpenAI with the v1 base URL', async () => {
    const v1 = new ChatOpenAI({
      model,
      apiKey: key,
      maxRetries: 0,
      configuration: { baseURL: `${stack.gateway.url}/openai/v1` },
    });
    assert.equal((await v1.invoke('Hello')).content, 'You said: Hello');
  });

  test('a wrong key is told as such', async () => {
    const wrong = new AzureChatOpenAI({ ...options(model), azureOpenAIApiKey: 'wrong' });
    await assert.rejects(wrong.invoke('Hello'), (error) => error.status === 401 && error.code === 'invalid_api_key');
  });
});
