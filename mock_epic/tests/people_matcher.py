"""Whom a search for a person should find, worked out from Epic's rules as they are on record, and from nothing of the server's.

A search says things of a person: who is strong enough in what fits of it is found, and what does not fit hides nobody. Each kind of
thing counts once, however many parameters say it (gender and legal-sex are one kind, and so is all that is none of the others):
more kinds first, and of two alike the one that was loaded first. A name fits by how it sounds. With parts of a name given, the
whole is not looked at."""
import functools

from reference_matcher import fold, matches, texts, values

KINDS = {"family": "family", "given": "given", "name": "name", "birthdate": "birthdate", "gender": "gender", "legal-sex": "gender",
         "telecom": "telecom", "phone": "telecom", "identifier": "identifier"}
STRONG = [{"identifier"}, {"family", "birthdate"}, {"name", "birthdate"}, {"family", "given", "gender", "telecom"}]
MOST = 100  # more people than that are refused

GROUPS = {letter: digit for digit, letters in
          {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items() for letter in letters}


@functools.lru_cache(maxsize=None)
def soundex(name):
    """American Soundex of the letters a to z, or None: the first letter, then the groups of those that follow, where one group is
    heard once; h and w are passed over, vowels part."""
    letters = [c for c in name if "a" <= c <= "z"]
    if not letters:
        return None
    code, heard = letters[0], GROUPS.get(letters[0], "")
    for letter in letters[1:]:
        if letter in "hw":
            continue
        group = GROUPS.get(letter, "")
        if group and group != heard:
            code += group
        heard = group
    return (code + "000")[:4]


def is_alike(wanted, there):
    return wanted == there or (soundex(wanted) is not None and soundex(wanted) == soundex(there))


PARTS = {}  # by person and parameter: a person is asked thousands of times


def parts(param, patient):
    """All that somebody may be called: each text of a name, and each word of it."""
    key = (id(patient), param.name)
    if key not in PARTS:
        folded = [fold(text) for value in values(patient, param) for text in texts(value)]
        PARTS[key] = {part for text in folded for part in [text, *text.split()]}
    return PARTS[key]


def name_fits(param, wanted, patient):
    wanted = fold(wanted)
    return any(is_alike(wanted, part) for part in parts(param, patient))


def fits(param, wanted, patient):
    kind = KINDS.get(param.name)
    if kind == "name" and len(wanted) == 1:  # each word of a whole name is one of the person's
        return all(name_fits(param, word, patient) for word in fold(wanted[0]).split())
    if kind in ("family", "given", "name"):
        return any(name_fits(param, one, patient) for one in wanted)
    return any(matches(param, one, patient) for one in wanted)


def find(params, conditions, patients):
    """conditions: [(name, [values])]. The people who are found, best first; None: nothing that a search for a person needs."""
    said = [(params[name], KINDS.get(name, "other"), wanted) for name, wanted in conditions if params[name].is_native]
    kinds = {kind for _, kind, _ in said}
    if kinds & {"family", "given"}:
        said = [(param, kind, wanted) for param, kind, wanted in said if kind != "name"]
    if not conditions:
        return None
    found = []
    for patient in patients:
        right = {kind for param, kind, wanted in said if fits(param, wanted, patient)}
        if any(strong <= right for strong in STRONG):
            found.append((len(right), patient))
    found.sort(key=lambda pair: -pair[0])
    return [patient for _, patient in found]
