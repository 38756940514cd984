"""Three tests to start from. `Client` is where your client goes; this one is as small as they get (PyJWT)."""
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import jwt
import pytest

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CAMILA = "Patient/erXuFYUfucBZaryVksYEcMg3"


class Client:
    def __init__(self):
        self.token = None

    def get_token(self):
        client_id, url = os.environ["EPIC_BACKEND_CLIENT_ID"], os.environ["EPIC_TOKEN_URL"]
        with open(os.environ["EPIC_PRIVATE_KEY_PATH"], encoding="ascii") as file:
            key = file.read()
        claims = {"iss": client_id, "sub": client_id, "aud": url, "jti": str(uuid.uuid4()), "exp": int(time.time()) + 240}
        form = {"grant_type": "client_credentials", "client_assertion_type": BEARER,
                "client_assertion": jwt.encode(claims, key, "RS384")}
        with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode()) as answer:
            return json.load(answer)["access_token"]

    def read(self, what):
        """A resource; with a new token when the old one is refused."""
        for token in (self.token, None):
            self.token = token or self.get_token()
            request = urllib.request.Request(f"{os.environ['EPIC_FHIR_BASE_URL']}/{what}", headers={
                "Authorization": f"Bearer {self.token}", "Accept": "application/fhir+json"})
            try:
                with urllib.request.urlopen(request) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 401 or token is None:
                    raise
        raise AssertionError("not reached")


def test_reads_a_patient(epic):
    assert Client().read(CAMILA)["name"]
    assert epic.refusals() == []


def test_gets_a_new_token_when_the_old_one_expires(epic):
    client = Client()
    client.read(CAMILA)
    first = client.token
    epic.age_tokens(3600)
    assert client.read(CAMILA)["id"]
    assert client.token != first


def test_is_refused_when_its_clock_is_behind(epic):
    epic.advance_clock(3600)
    with pytest.raises(urllib.error.HTTPError) as refused:
        Client().read(CAMILA)
    assert json.load(refused.value) == {"error": "invalid_client", "error_description": None}
    assert [rule for rule, _, _ in epic.refusals()[0]] == ["exp.future"]
