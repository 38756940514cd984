import { createSign, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const FHIR = createRequire(import.meta.url)('fhirclient');
const { EPIC_BACKEND_CLIENT_ID: clientId, EPIC_TOKEN_URL: tokenUrl, EPIC_FHIR_BASE_URL: serverUrl } = process.env;

// This library gets the tokens of people's apps only: that of a backend app comes from node:crypto and fetch.
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
const client = FHIR({}, {}, {}).client({ serverUrl, tokenResponse: await answer.json() });

const id = 'eq081-VQEgP8drUUqCWzHfw3';
const patient = await client.request(`Patient/${id}`);
if (patient.id !== id) throw new Error(`not the patient: ${JSON.stringify(patient)}`);

const found = await client.request(`Observation?patient=${id}&category=vital-signs&_count=400`, { pageLimit: 0, flat: true });
const ids = new Set(found.filter(({ resourceType }) => resourceType === 'Observation').map((resource) => resource.id));
if (ids.size !== 1056) throw new Error(`${ids.size} vital signs`);

const refused = await client.request(`Observation?patient=${id}`).then(() => null, (error) => error);
if (refused?.statusCode !== 400 || !`${refused}`.includes('Must have either code or category.'))
  throw new Error(`not refused as it should be: ${refused}`);
console.log(`fhirclient: read Patient/${id}, ${ids.size} Observations, and a refusal: ${refused.statusCode}`);
