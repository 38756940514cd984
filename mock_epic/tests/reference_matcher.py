"""What a search should find, worked out from FHIR's rules and surface.txt, and from nothing of the server's: JSON is read by Python,
dates are datetimes, text is folded by unicodedata."""
import datetime
import functools
import os
import re
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
SURFACE = os.path.join(HERE, "..", "epic", "surface.txt")
UTC = datetime.timezone.utc
ALWAYS, NEVER = datetime.datetime.max.replace(tzinfo=UTC), datetime.datetime.min.replace(tzinfo=UTC)
DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$")


class Param:
    def __init__(self, name, kind, how, paths):
        self.name, self.kind, self.is_native, self.paths = name, kind, how == "native", [] if paths == ["-"] else paths


def read_surface():
    """{type: {name: Param}}"""
    types, current = {}, None
    with open(SURFACE, encoding="ascii") as file:
        for line in file:
            fields = line.split("#")[0].split()
            if fields and not line.startswith(" "):
                current = types.setdefault(fields[0], {})
            elif fields:
                name, kind, how, _, *paths = fields
                current[name] = Param(name, kind, how, paths)
    return types


# ---- values of a resource ----

def walk(value, steps):
    if isinstance(value, list):
        for item in value:
            yield from walk(item, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from walk(value[steps[0]], steps[1:])


def values(resource, param):
    for path in param.paths:
        path, _, target = path.partition(">")
        path, _, kind = path.partition("@")
        for value in walk(resource, path.split(".")):
            if target and not (isinstance(value, dict) and target in value.get("reference", "").split("/")[-2:-1]):
                continue
            if kind and not (isinstance(value, dict) and value.get("system") == kind):
                continue
            yield value


# ---- dates ----

@functools.lru_cache(maxsize=100000)
def interval(text):
    """[start, end) of all that the text may mean, or None."""
    match = DATE.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        start = datetime.datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
                                  int((fraction or "0")[:6].ljust(6, "0")), UTC)
        if not month:
            end = start.replace(year=start.year + 1)
        elif not day:
            end = (start + datetime.timedelta(days=31)).replace(day=1)
        elif not hour:
            end = start + datetime.timedelta(days=1)
        elif not second:
            end = start + datetime.timedelta(minutes=1)
        else:
            end = start + datetime.timedelta(microseconds=10 ** (6 - min(len(fraction or ""), 6)))
    except (ValueError, OverflowError):
        return None
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[4:])
        shift = datetime.timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
        start, end = start - shift, end - shift
    return start, end


def period(value):
    if isinstance(value, str):
        return interval(value)
    if not isinstance(value, dict):
        return None
    if "start" in value or "end" in value:
        start, end = interval(value.get("start", "")), interval(value.get("end", ""))
        return start[0] if start else NEVER, end[1] if end else ALWAYS
    events = [event for event in map(interval, value.get("event", [])) if event]
    if events:
        return min(start for start, _ in events), max(end for _, end in events)
    return period(value.get("repeat", {}).get("boundsPeriod"))


def date_matches(wanted, value):
    prefix, text = ("eq", wanted) if wanted[0].isdigit() else (wanted[:2], wanted[2:])
    there, (start, end) = period(value), interval(text)
    if not there:
        return False
    within = start <= there[0] and there[1] <= end
    if prefix in ("ne", "sa", "eb"):
        return {"ne": not within, "sa": there[0] >= end, "eb": there[1] <= start}[prefix]
    return {"eq": within, "gt": there[1] > end, "lt": there[0] < start, "ge": within or there[1] > end, "le": within or there[0] < start}[prefix]


# ---- tokens, references, text ----

def codings(value):
    """(system, code) of what a token is looked for in; a system of ... means that the data does not say."""
    if isinstance(value, bool):
        yield ..., "true" if value else "false"
    elif not isinstance(value, dict):
        yield ..., str(value)
    elif "coding" in value:
        for coding in value["coding"]:
            yield coding.get("system"), coding.get("code")
    elif "code" in value:
        yield value.get("system"), value["code"]
    else:
        yield value.get("system"), value.get("value")


def token_matches(wanted, value, is_contact):
    system, bar, code = wanted.partition("|")
    if not bar:
        system, code = None, wanted
    for there_system, there_code in codings(value):
        if is_contact:
            there_system = ...
        if code and there_code != code:
            continue
        if not bar or there_system is ... or (there_system or "") == system:
            return True
    return False


def reference_matches(wanted, value):
    there = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(there, str):
        return False
    there, wanted = (text.split("/_history/")[0] for text in (there, wanted))
    if "/" not in wanted:
        return there.split("/")[-1] == wanted and there.count("/") < 2  # of this server
    return there == wanted


@functools.lru_cache(maxsize=100000)
def fold(text):
    pairs = {"æ": "ae", "œ": "oe", "ß": "ss", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h"}
    text = unicodedata.normalize("NFD", text.lower())
    text = "".join(pairs.get(c, c) for c in text if not 0x300 <= ord(c) <= 0x36f)
    return " ".join(re.sub(r"[-'.,`()/\x00-\x20]+", " ", text).split())


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name not in ("use", "period", "extension"):
                yield from texts(member)


def matches(param, wanted, resource, modifier=""):
    """Whether one value of a comma list finds the resource."""
    is_contact = param.name == "telecom" or any("@" in path for path in param.paths)
    for value in values(resource, param):
        if param.kind == "token" and token_matches(wanted, value, is_contact):
            return True
        if param.kind == "reference" and reference_matches(wanted, value):
            return True
        if param.kind == "date" and date_matches(wanted, value):
            return True
        if param.kind == "string" and any(text_matches(wanted, text, modifier) for text in texts(value)):
            return True
    return False


def text_matches(wanted, text, modifier):
    if modifier == "exact":
        return text == wanted
    return fold(wanted) in fold(text) if modifier == "contains" else fold(text).startswith(fold(wanted))


# ---- the same of FHIR R4, with modifiers and an order ----

def condition_holds(param, modifier, wanted, resource):
    """A parameter with its comma list."""
    if modifier == "missing":
        return (wanted == ["true"]) == (not any(True for _ in values(resource, param)))
    found = any(matches(param, value, resource, modifier) for value in wanted)
    return not found if modifier == "not" else found


def keys(param, resource):
    for value in values(resource, param):
        if param.kind == "date":
            there = period(value)
            yield from [there[0]] if there else []
        elif param.kind == "token":
            yield from [code.encode() for _, code in codings(value) if code is not None]
        elif param.kind == "reference":
            text = value.get("reference") if isinstance(value, dict) else value
            yield from [text.encode()] if text else []
        else:
            yield from [fold(text).encode() for text in texts(value)]


def in_order(resources, sorts):
    """sorts: [(Param or None for the id, is_descending)]; what has no value comes last, of two alike the first stays first."""
    for param, is_descending in reversed(sorts):
        decorated = [(list(keys(param, resource)) if param else [resource["id"].encode()], resource) for resource in resources]
        there = [(max(found) if is_descending else min(found), resource) for found, resource in decorated if found]
        there.sort(key=lambda pair: pair[0])
        if is_descending:  # stable in this direction, too
            there = [pair for key in sorted({pair[0] for pair in there}, reverse=True) for pair in there if pair[0] == key]
        resources = [resource for _, resource in there] + [resource for found, resource in decorated if not found]
    return resources
