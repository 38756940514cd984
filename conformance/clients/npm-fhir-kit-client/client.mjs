import { createSign, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as kit from 'fhir-kit-client';

const Client = kit.Client ?? kit.default?.default ?? kit.default;
const { EPIC_BACKEND_CLIENT_ID: clientId, EPIC_TOKEN_URL: tokenUrl, EPIC_FHIR_BASE_URL: baseUrl } = process.env;

// This library knows no backend apps: the token comes from node:crypto and fetch.
function assertion() {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'RS384', typ: 'JWT' })}.${part({
    iss: clientId, sub: clientId, aud: tokenUrl, jti: randomUUID(), iat: now - 10, exp: now + 240 })}`;
  return `${input}.${createSign('RSA-SHA384').update(input).sign(readFileSync(process.env.EPIC_PRIVATE_KEY_PATH), 'base64url')}`;
}

const answer = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams({
  grant_type: 'client_credentials', client_assertion: assertion(),
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }) });
if (!answer.ok) throw new Error(`token: ${answer.status} ${await answer.text()}`);
const client = new Client({ baseUrl });
client.bearerToken = (await answer.json()).access_token;

const id = 'eq081-VQEgP8drUUqCWzHfw3';
const patient = await client.read({ resourceType: 'Patient', id });
if (patient.id !== id) throw new Error(`not the patient: ${JSON.stringify(patient)}`);

const ids = new Set();
let bundle = await client.search({ resourceType: 'Observation', searchParams: { patient: id, category: 'vital-signs', _count: 400 } });
for (let pages = 1; bundle; bundle = await client.nextPage({ bundle }), pages++) {
  for (const { resource, search } of bundle.entry) if (search.mode === 'match') ids.add(resource.id);
  if (pages > 3) throw new Error('more pages than there should be');
}
if (ids.size !== 1056) throw new Error(`${ids.size} vital signs`);

const refused = await client.search({ resourceType: 'Observation', searchParams: { patient: id } }).then(() => null, (error) => error);
const issue = refused?.response?.data?.issue?.[0];
if (refused?.response?.status !== 400 || issue?.details?.coding?.[0]?.code !== '59108') throw new Error(`not refused as it should be: ${refused}`);
console.log(`fhir-kit-client: read Patient/${id}, ${ids.size} Observations, and a refusal: ${issue.diagnostics}`);
