import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { SignJWT, importPKCS8 } from 'jose';

const { EPIC_BACKEND_CLIENT_ID: clientId, EPIC_TOKEN_URL: tokenUrl, EPIC_FHIR_BASE_URL: fhirUrl } = process.env;
const key = await importPKCS8(readFileSync(process.env.EPIC_PRIVATE_KEY_PATH, 'utf8'), 'RS384');
const assertion = await new SignJWT({})
  .setProtectedHeader({ alg: 'RS384', typ: 'JWT' })
  .setIssuer(clientId)
  .setSubject(clientId)
  .setAudience(tokenUrl)
  .setJti(randomUUID())
  .setIssuedAt()
  .setExpirationTime('4m')
  .sign(key);

const answer = await fetch(tokenUrl, {
  method: 'POST',
  body: new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  }),
});
if (!answer.ok) throw new Error(`token request: ${answer.status} ${await answer.text()}`);
const { access_token: token } = await answer.json();

const id = 'erXuFYUfucBZaryVksYEcMg3';
const read = await fetch(`${fhirUrl}/Patient/${id}`, {
  headers: { Authorization: `Bearer ${token}`, Accept: 'application/fhir+json' },
});
if (!read.ok) throw new Error(`read: ${read.status} ${await read.text()}`);
const patient = await read.json();
if (patient.id !== id) throw new Error(`not the patient: ${JSON.stringify(patient)}`);
console.log(`jose: read Patient/${id}`);
