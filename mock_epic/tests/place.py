"""An instance of a mock with an app and its token: what tests of FHIR data ask."""
import json

from harness import FORM_TYPE, PREFIX, Client, certificate, form, private_key

R4 = PREFIX + "/api/FHIR/R4/"


class Place:
    """An instance, by the path before it, and a token of it."""

    def __init__(self, mock, path="", **app):
        self.mock, self.path = mock, path
        status, answer = self.call("POST", "/mock/apps", {"client_id": "app", "certificate": certificate("rsa2048_a"), **app})
        assert status == 201, answer
        client = Client(mock, "app", private_key("rsa2048_a"))
        url = mock.token_url.replace("/interconnect", path + "/interconnect", 1)
        answer = mock.request("POST", f"{path}{PREFIX}/oauth2/token", form(client.jwt(client.claims(aud=url))), [f"Content-Type: {FORM_TYPE}"])
        self.token = answer.json()["access_token"]

    def call(self, method, target, value=None):
        body = value if isinstance(value, (str, bytes)) else json.dumps(value) if value is not None else b""
        headers = ["Content-Type: application/fhir+json"] if value is not None else []
        answer = self.mock.request(method, self.path + target, body.encode() if isinstance(body, str) else body, headers)
        return answer.status, answer.json()

    def post(self, value):
        return self.call("POST", "/mock/resources", value)

    def fhir(self, target):
        target = target if target.startswith("/") else self.path + R4 + target
        answer = self.mock.request("GET", target, headers=[f"Authorization: Bearer {self.token}", "Accept: application/fhir+json"])
        return answer.status, answer.json(), answer.body.decode()

    def total(self, target):
        return self.fhir(target + "&_summary=count")[1]["total"]
