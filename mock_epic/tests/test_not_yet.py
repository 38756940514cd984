#!/usr/bin/python3
"""What mock-epic has not of Epic's: the list in its README is whole, and nobody is told that Epic does not know it."""
import os
import re

from harness import FIXTURES, Client, Mock, Suite, private_key

suite = Suite()
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FHIR = "/interconnect-fhir-oauth/api/FHIR/R4/"
YET = "not implemented by mock-epic yet"


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def parameters():
    """Of the surface table: those whose place in a resource is a lone '-'."""
    found, kind = set(), None
    for line in read("mock_epic/epic/surface.txt").splitlines():
        fields = line.split()
        if re.match("[A-Z]", line):
            kind = fields[0]
        elif kind and len(fields) == 5 and line.startswith("    ") and fields[4] == "-":
            found.add((kind, fields[0]))
    return found


def main():
    text = read("mock_epic/README.md")
    section = text[text.index("## What Epic has and mock-epic has not"):]
    section = section[:section.index("\n## ", 5)]
    row = next(line for line in section.splitlines() if "onlyscannable" in line).split("|")[1]
    told = set(re.findall(r"[`]([a-z-]+)[`]", row))
    suite.check(told == {name for _, name in parameters()}, f"README names {told}, the table {parameters()}")
    suite.check(all(kind in row for kind, _ in parameters()), f"types in README: {row}")
    with Mock("--client-id", "mine", "--cert", os.path.join(FIXTURES, "keys", "rsa2048_b.cert.pem")) as mock:
        client = Client(mock, "mine", private_key("rsa2048_b"))
        token = client.post(client.jwt()).json()["access_token"]
        headers = [f"Authorization: Bearer {token}", "Accept: application/fhir+json"]
        for method, path, status in (("GET", "Group/x/$export", 404), ("POST", "Patient/$match", 404), ("POST", "AllergyIntolerance", 404), ("PUT", "Observation/x", 404),
                                     ("GET", "Appointment?patient=erXuFYUfucBZaryVksYEcMg3&onlyscannable=true", 200)):
            answer = mock.request(method, FHIR + path, "", headers)
            entry, journal = mock.verdicts(answer)
            suite.check(answer.status == status, f"{path}: {answer.statuses}")
            suite.check(YET in (journal if status == 404 else answer.body.decode()), f"{path}: {entry} {answer.body[:200]}")
        answer = mock.request("GET", FHIR + "Nix", "", headers)
        suite.check(answer.status == 404 and YET not in mock.verdicts(answer)[1], "a type that Epic has not is none that is missing here")
        answer = mock.request("GET", FHIR + "Appointment?patient=erXuFYUfucBZaryVksYEcMg3&nix=true", "", headers)
        suite.check(YET.encode() not in answer.body, "nor a parameter that it has not")
    suite.done(14)


main()
