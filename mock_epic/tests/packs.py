"""The packs as they are in the source tree, read without anything of ours."""
import datetime
import glob
import json
import os

from harness import FIXTURES


def copies(template):
    """The lines that mock-epic makes of a template (mock_epic/data/repeat.h), made here."""
    how, text = template["repeat"], json.dumps(template["resource"], ensure_ascii=False, separators=(",", ":"))
    start = datetime.datetime.fromisoformat(how.get("start", "1970-01-01T00:00:00Z").replace("Z", "+00:00"))
    values = [json.dumps(value) for value in how.get("values", [None])]
    for n in range(how["count"]):
        time = (start + datetime.timedelta(seconds=n * how.get("step_s", 0))).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = str(n).zfill(len(str(how["count"] - 1)))
        yield text.replace('"{value}"', values[n % len(values)]).replace("{n}", number).replace("{time}", time)


def lines(pack):
    """Every resource, as it is served, in the order in which they are loaded."""
    for name in sorted(glob.glob(os.path.join(FIXTURES, "fhir", pack, "*.ndjson"))):
        with open(name, encoding="utf-8") as file:
            yield from file.read().splitlines()
    for name in sorted(glob.glob(os.path.join(FIXTURES, "fhir", pack, "*.repeat.json"))):
        with open(name, encoding="utf-8") as file:
            yield from copies(json.load(file))
