import { Validator } from '@seriousme/openapi-schema-validator';

const base = process.env.MOCK_EPIC_URL;
const read = async (path, init) => fetch(base + path, init);

const document = await (await read('/mock/openapi.json')).json();
const result = await new Validator().validate(document);
if (!result.valid) throw new Error(`not OpenAPI: ${JSON.stringify(result.errors)}`);
if (document.openapi !== '3.1.0') throw new Error(`OpenAPI ${document.openapi}`);

const index = await (await read('/mock')).json();
const told = index.calls.map(({ method, path }) => `${method} ${path}`).sort();
const described = Object.entries(document.paths)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  .sort();
if (String(told) !== String(described)) throw new Error(`the index tells ${told}, the document ${described}`);

// every call is there: none is answered with 404 for its path or 405 for its method
let count = 0;
for (const [path, methods] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const example = operation.requestBody?.content['application/json']?.example;
    const answer = await read(path.replace(/{.*}/, 'nobody'), {
      method: method.toUpperCase(),
      body: example && JSON.stringify(example),
    });
    const text = await answer.text();
    if (answer.status === 405 || text.includes('no such admin call')) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    if (example && !path.includes('{') && !answer.ok) throw new Error(`the example of ${method} ${path}: ${answer.status} ${text}`);
    count += 1;
  }
}
console.log(`OpenAPI ${document.openapi}, ${count} calls`);
