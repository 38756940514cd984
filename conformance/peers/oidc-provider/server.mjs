// oidc-provider as the bench's peer: the same path, the same client, the same checks on the assertion (signature, iss, sub,
// aud, exp, nbf, iat, jti replay). Prints "ready" once the port answers.
//     node server.mjs PORT CLIENT_ID CERTIFICATE
// Its own replay memory is a quick LRU of 1,000 entries that forgets; a Map that forgets nothing stands in for the models
// that this load touches, so that it is judged by what it must do, and at its best speed.
import { createServer } from 'node:http';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const [port, clientId, certificate] = process.argv.slice(2);
const jwk = new X509Certificate(readFileSync(certificate)).publicKey.export({ format: 'jwk' });

class MapAdapter {
  static stores = new Map();
  constructor(name) {
    if (!MapAdapter.stores.has(name)) MapAdapter.stores.set(name, new Map());
    this.store = MapAdapter.stores.get(name);
  }
  async upsert(id, payload) { this.store.set(id, payload); }
  async find(id) { return this.store.get(id); }
  async consume(id) { const found = this.store.get(id); if (found) found.consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { this.store.delete(id); }
  async findByUid() { return undefined; }
  async findByUserCode() { return undefined; }
  async revokeByGrantId() {}
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: MapAdapter,
  clients: [{
    client_id: clientId,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS384',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    jwks: { keys: [{ ...jwk, alg: 'RS384', use: 'sig' }] },
  }],
  enabledJWA: { clientAuthSigningAlgValues: ['RS384'] },
  features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
  routes: { token: '/interconnect-fhir-oauth/oauth2/token' },
  ttl: { ClientCredentials: 3600 },
});
createServer(provider.callback()).listen(Number(port), '127.0.0.1', () => console.log('ready'));
