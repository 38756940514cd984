#!/usr/bin/python3
"""One assertion, one token: however many post it at once, on however many threads, and wherever the clock is moved."""
import contextlib
import time

from harness import FORM_TYPE, SANITIZER, TOKEN, Answer, Client, Mock, Suite, certificate, first_failure, form, new_jti, private_key

A = private_key("rsa2048_a")
POSTS, ROUNDS = 64, 20
suite = Suite()


def post_at_once(mock, assertion):
    """The assertion on 64 connections: all but the last byte first, then the last bytes together."""
    mock.remember(assertion)
    body = form(assertion)
    data = (f"POST {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: {FORM_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n" + body).encode()
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(mock.connect()) for _ in range(POSTS)]
        for s in sockets:
            s.sendall(data[:-1])
        started = time.monotonic()
        for s in sockets:
            s.sendall(data[-1:])
        return [Answer(read_all(s), time.monotonic() - started) for s in sockets]


def read_all(s):
    out = b""
    while chunk := s.recv(65536):
        out += chunk
    return out


def race(threads, rounds):
    with Mock("--threads", str(threads)) as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        client = Client(mock, "app", A)
        for number in range(rounds):
            name = f"{threads} threads, round {number}"
            answers = post_at_once(mock, client.jwt())
            granted = [a for a in answers if a.statuses == [200]]
            suite.check(len(granted) == 1, f"{name}: {len(granted)} tokens")
            for answer in answers:
                if answer.statuses != [200]:
                    suite.is_refusal(name, answer)
            losers = [a for a in answers if a.statuses != [200]]
            rules = {first_failure(mock.verdicts(answer)[0])[0] for answer in losers[:3]}
            suite.check(rules == {"jti.replay"}, f"{name}: refused by {rules}")
        tokens = mock.admin("GET", "/tokens")[1]
        suite.check(len(tokens) == rounds, f"{threads} threads: {len(tokens)} tokens after {rounds} rounds")
        suite.grants(f"{threads} threads, afterwards", client, client.jwt())


def set_clock(mock, now):
    status, _ = mock.admin("PUT", "/clock", {"now": now, "frozen": True})
    suite.check(status == 200, f"the clock at {now}: {status}")


def replay_over_time(mock):
    """The server clock alone decides how long a jti is spent."""
    mock.register("app", certificate=certificate("rsa2048_a"))
    client = Client(mock, "app", A)
    start = int(time.time())
    set_clock(mock, start)
    jti = new_jti()
    at = lambda now, exp=None: client.claims(jti=jti, iat=now, exp=exp or now + 240)
    first = client.jwt(at(start))
    suite.grants("first use", client, first)
    refused(client, "at once", first)
    for now in (start + 1, start + 239):
        set_clock(mock, now)
        refused(client, f"{now - start} s later", first)
        refused(client, f"{now - start} s later, made anew", client.jwt(at(now)))
    set_clock(mock, start + 240)
    suite.is_refusal("the same bytes at their exp", client.post(first))
    suite.grants("the same jti at exp, made anew", client, client.jwt(at(start + 240)))
    refused(client, "and again", client.jwt(at(start + 240)))
    set_clock(mock, start + 480 - 1)
    refused(client, "a second before the new exp", client.jwt(at(start + 479)))


def moved_clock(mock, client):
    """Forward past exp, far enough that everything has expired, and back: spent is spent."""
    start = int(time.time())
    for name, forward in (("a second past exp", 241), ("a minute", 300), ("an hour", 3841), ("two hours", 7200), ("two days", 172800), ("a year", 31536000)):
        set_clock(mock, start)
        assertion = client.jwt(client.claims(iat=start, exp=start + 240))
        suite.grants(f"{name}: first use", client, assertion)
        set_clock(mock, start + forward)
        suite.is_refusal(f"{name} on: the assertion has expired", client.post(assertion))
        suite.grants(f"{name} on: another", client, client.jwt(client.claims(iat=start + forward, exp=start + forward + 240)))
        set_clock(mock, start)
        refused(client, f"{name} on and back", assertion)
        mock.admin("POST", "/clock/advance", {"seconds": forward})
        mock.admin("POST", "/clock/advance", {"seconds": -forward})
        refused(client, f"{name} on and back once more", assertion)
        set_clock(mock, start - forward % 100000)
        set_clock(mock, start)
        refused(client, f"{name} back and on", assertion)
    suite.grants("an honest one", client, client.jwt(client.claims(iat=start, exp=start + 240)))
    assertion = client.jwt(client.claims(iat=start, exp=start + 240))
    suite.grants("before the reset", client, assertion)
    mock.admin("POST", "/reset", {"what": ["tokens", "journal", "clock"]})
    set_clock(mock, start)
    refused(client, "after a reset of all but jti", assertion)
    mock.admin("POST", "/reset", {"what": ["jti"]})
    suite.grants("after a reset of jti, as asked", client, assertion)


def refused(client, name, assertion):
    answer = client.post(assertion)
    if suite.is_refusal(name, answer):
        entry, _ = client.mock.verdicts(answer)
        suite.check(first_failure(entry)[0] == "jti.replay", f"{name}: refused by {first_failure(entry)}, expected jti.replay")


def refused_burn_nothing(client):
    """A thousand refusals with one jti, of every stage, and the honest one still gets through, once."""
    jti = new_jti()
    other = private_key("rsa2048_b")
    for number in range(1000 if not SANITIZER else 200):
        claims = client.claims(jti=jti)
        wrong = (client.jwt(claims, key=other), client.jwt({**claims, "aud": "x"}), client.jwt({**claims, "exp": 1}), client.jwt(claims)[:-4] + "AAAA",
                 client.jwt(claims, header={"alg": "none"}))[number % 5]
        answer = client.post(wrong)
        suite.check(answer.statuses == [400], f"refusal {number}: {answer.statuses}")
    suite.grants("after them", client, client.jwt(client.claims(jti=jti)))
    refused(client, "once", client.jwt(client.claims(jti=jti)))


def main():
    for threads in (1, 2, 8):
        race(threads, ROUNDS)
    with Mock() as mock:
        replay_over_time(mock)
        moved_clock(mock, Client(mock, "app", A))
        suite.keeps_secrets(mock)
    with Mock() as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        refused_burn_nothing(Client(mock, "app", A))
    suite.done(10000)


main()
