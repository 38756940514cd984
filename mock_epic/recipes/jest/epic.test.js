// Three tests to start from: npm install && npm test. `Client` is where your client goes.
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "@jest/globals";

const { EPIC_BACKEND_CLIENT_ID, EPIC_PRIVATE_KEY_PATH } = process.env;
const CAMILA = "Patient/erXuFYUfucBZaryVksYEcMg3";
const BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// The admin API: epic("clock", "advance", "3600") gives what it answers.
const env = { ...process.env };
const epic = (...words) => JSON.parse(execFileSync("mock-epic", words, { encoding: "utf8", env }) || "null");

// An Epic of this file alone, in the mock that is around all: workers do not meet, whatever they do to the clock.
const { token_url: EPIC_TOKEN_URL, fhir_base_url: EPIC_FHIR_BASE_URL, admin_url } = epic("instances", "add");
env.MOCK_EPIC_URL = admin_url.replace(/\/mock$/, "");

class Client {
  async getToken() {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + 240;
    const claims = { iss: EPIC_BACKEND_CLIENT_ID, sub: EPIC_BACKEND_CLIENT_ID, aud: EPIC_TOKEN_URL, jti: randomUUID(), exp };
    const input = `${encode({ alg: "RS384", typ: "JWT" })}.${encode(claims)}`;
    const key = createPrivateKey(readFileSync(EPIC_PRIVATE_KEY_PATH));
    const jwt = `${input}.${sign("sha384", Buffer.from(input), key).toString("base64url")}`;
    const answer = await fetch(EPIC_TOKEN_URL, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_assertion_type: BEARER, client_assertion: jwt }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error);
    this.token = body.access_token;
  }

  // A resource; with a new token when the old one is refused.
  async read(what) {
    for (const isLast of [false, true]) {
      if (!this.token || isLast) await this.getToken();
      const answer = await fetch(`${EPIC_FHIR_BASE_URL}/${what}`, {
        headers: { authorization: `Bearer ${this.token}`, accept: "application/fhir+json" },
      });
      if (answer.status !== 401) return answer.json();
    }
    throw new Error("a new token is refused, too");
  }
}

afterEach(() => epic("reset", "clock", "tokens", "jti", "journal"));

test("reads a patient", async () => {
  expect((await new Client().read(CAMILA)).id).toBe("erXuFYUfucBZaryVksYEcMg3");
});

test("gets a new token when the old one expires", async () => {
  const client = new Client();
  await client.read(CAMILA);
  const first = client.token;
  epic("tokens", "age", "3600");
  await client.read(CAMILA);
  expect(client.token).not.toBe(first);
});

test("is refused when its clock is behind", async () => {
  epic("clock", "advance", "3600");
  await expect(new Client().read(CAMILA)).rejects.toThrow("invalid_client");
  const [entry] = epic("journal", "--kind", "token");
  expect(entry.verdicts.filter((v) => v.result === "fail").map((v) => v.rule)).toEqual(["exp.future"]);
});
