import { readFileSync } from 'node:fs';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as client from 'openid-client';

// openid-client wants Node 20, where these are global; Debian 12 has Node 18.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;

const { EPIC_BACKEND_CLIENT_ID: clientId, EPIC_TOKEN_URL: tokenUrl, EPIC_FHIR_BASE_URL: fhirUrl } = process.env;
const pkcs8 = createPrivateKey(readFileSync(process.env.EPIC_PRIVATE_KEY_PATH)).export({ type: 'pkcs8', format: 'der' });
const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' }, false, [
  'sign',
]);

// Epic wants the token URL as aud, one string; this library would send the issuer.
const authentication = client.PrivateKeyJwt(key, {
  [client.modifyAssertion]: (_header, payload) => {
    payload.aud = tokenUrl;
  },
});
const server = { issuer: tokenUrl.replace(/\/token$/, ''), token_endpoint: tokenUrl };
const config = new client.Configuration(server, clientId, {}, authentication);
client.allowInsecureRequests(config); // the mock is on loopback

const tokens = await client.clientCredentialsGrant(config);
const id = 'erXuFYUfucBZaryVksYEcMg3';
const read = await client.fetchProtectedResource(
  config,
  tokens.access_token,
  new URL(`${fhirUrl}/Patient/${id}`),
  'GET',
  null,
  new Headers({ Accept: 'application/fhir+json' }),
);
if (!read.ok) throw new Error(`read: ${read.status} ${await read.text()}`);
const patient = await read.json();
if (patient.id !== id) throw new Error(`not the patient: ${JSON.stringify(patient)}`);
console.log(`openid-client: read Patient/${id}`);
