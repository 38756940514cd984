#!/usr/bin/python3
"""One connection, many answers: each is, byte for byte, what a connection of its own would have been given."""
import random
import re

from harness import FHIR, FORM_TYPE, TOKEN, Client, Mock, Suite, certificate, form, private_key

suite = Suite()
PATIENTS = ("erXuFYUfucBZaryVksYEcMg3", "eq081-VQEgP8drUUqCWzHfw3")
KEY = private_key("rsa2048_a")


def request(method, target, headers=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def answer(connection, head_only):
    """Status line and headers as they came, and the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError(data)
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head).group(1))
    while len(body) < length and not head_only:
        body += connection.recv(65536)
    return head, body


def alike(head, body):
    """Without what differs between any two answers: the entry's number, a token, ids made for one answer."""
    head = re.sub(rb"X-Mock-Epic-Decision: \d+", b"X-Mock-Epic-Decision: N", head)
    body = re.sub(rb'"access_token": "[^"]*"', b'"access_token": T', body)
    return head, re.sub(rb"sessionID=[^\"&]*|urn:uuid:[0-9a-f-]+", b"N", body)


def decision(head):
    return int(re.search(rb"X-Mock-Epic-Decision: (\d+)", head).group(1))


def kinds(client, token):
    """Requests, or what makes one."""
    bearer, form_type = f"Authorization: Bearer {token}", f"Content-Type: {FORM_TYPE}"
    return [
        *(request("GET", f"{FHIR}/Patient/{id}", [bearer]) for id in PATIENTS),
        lambda: request("POST", TOKEN, [form_type], form(client.jwt()).encode()),
        request("HEAD", f"{FHIR}/Patient/{PATIENTS[0]}", [bearer]),
        request("GET", f"{FHIR}/Patient/{PATIENTS[0]}", [bearer, "Accept: application/json"]),
        request("GET", f"{FHIR}/Patient/none", [bearer]),
        request("GET", f"{FHIR}/Patient/{PATIENTS[0]}"),
        request("GET", f"{FHIR}/Observation?patient={PATIENTS[0]}&category=vital-signs", [bearer]),
        request("GET", f"{FHIR}/Condition?patient={PATIENTS[1]}", [bearer]),
        request("GET", f"{FHIR}/metadata"),
        request("OPTIONS", TOKEN),
        request("POST", TOKEN, [form_type], b"grant_type=client_credentials"),
        request("POST", TOKEN, [form_type], b"grant_type=other"),
        request("GET", "/mock/health"),
        request("GET", "/nowhere"),
    ]


def exchange(connection, row):
    data = row() if callable(row) else row
    connection.sendall(data)
    return data.split(b"\r\n", 1)[0].decode(), answer(connection, data.startswith(b"HEAD"))


def main():
    with Mock() as mock:
        mock.register("kept", certificate=certificate("rsa2048_a"))
        client = Client(mock, "kept", KEY)
        token = client.post(client.jwt()).json()["access_token"]
        mock.admin("PUT", "/clock", {"frozen": True})
        rows, chance, last = kinds(client, token), random.Random(1), 0
        with mock.connect() as kept:
            for number in range(300):
                if number % 50 == 49:
                    mock.admin("POST", "/clock/advance", {"seconds": 1})
                row = rows[number // 2 % len(rows)] if number % 3 else chance.choice(rows)
                for _ in range(1 + number % 2):  # twice in a row is the case that is kept
                    name, (head, body) = exchange(kept, row)
                with mock.connect() as fresh:
                    _, wanted = exchange(fresh, row)
                suite.check(alike(head, body) == alike(*wanted), f"{name}: {head} {body[:200]}, not {wanted[0]} {wanted[1][:200]}")
                if b"Decision" in head:
                    suite.check(last < decision(head) < decision(wanted[0]), f"{name}: entry {decision(head)} after {last}")
                    last = decision(wanted[0])
    suite.check(last > 300, f"{last} entries were numbered")
    suite.done(500)


main()
