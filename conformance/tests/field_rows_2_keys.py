"""Field cases: key files, certificates and JWK Sets, as `epic-conformance key` and `jwt` see them."""
import base64
import gzip
import json

from field_cases import DROP, b64u, row


def modulus(w, name="k.pem"):
    return w.key(name).public_key().public_numbers().n


def jwk(why, wants, **changes):
    """`key` of a set whose JWK has members changed; a function gets the workshop."""
    ident = why.pop("id")
    return row("key." + ident, why.get("source", ""), why["what"],
               lambda w: w.inspect(ident + ".json", json.dumps({"keys": [w.jwk(**{k: v(w) if callable(v) else v for k, v in changes.items()})]})), wants=wants)


def both(w):
    return w.read("k.pem") + w.read("cert.pem")


def served(text):
    """`jwt` with a JWK Set file of that text."""
    def run(w):
        return w.lint(w.jwt(header={"kid": "a"}), keys=("--jwks", w.write(f"{abs(hash(text))}.json", text(w) if callable(text) else text)))
    return run


def der(w):
    return w.openssl("x509", "-in", "cert.pem", "-outform", "DER")


ROWS = [
    # ---- containers ----
    row("key.jks", "", "a Java keystore", lambda w: w.inspect("ks.jks", b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1"), wants="Java keystore \\(JKS\\): keytool -exportcert"),
    row("key.jceks", "", "a Java keystore of the other kind", lambda w: w.inspect("ks.jceks", b"\xce\xce\xce\xce\0\0\0\2\0\0\0\1"), wants="JCEKS"),
    row("key.gzip", "", "a certificate, compressed", lambda w: w.inspect("c.gz", gzip.compress(w.read("cert.pem"))), wants="gzip"),
    row("key.putty", "", "a key of PuTTY", lambda w: w.inspect("k.ppk", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n"), wants="PuTTY"),
    row("key.dotnet_xml", "", "an XML key of .NET", lambda w: w.inspect("k.xml", "<RSAKeyValue><Modulus>sA==</Modulus></RSAKeyValue>"), wants=".NET"),
    row("key.key_and_certificate", "", "openssl pkcs12 -nodes: key and certificate in one file", lambda w: w.inspect("both.pem", both(w)), wants="must never be uploaded"),
    row("key.certificate_and_key", "", "the same, the certificate first", lambda w: w.inspect("both2.pem", w.read("cert.pem") + w.read("k.pem")), wants="must never be uploaded"),
    row("key.key_and_certificate_registered", "", "the same as --cert", lambda w: (w.write("both3.pem", both(w)), w.lint(w.jwt(), keys=("--cert", "both3.pem")))[1],
        wants="writes the certificate alone"),
    row("key.key_and_other_certificate", "", "a key and the certificate of another in one file",
        lambda w: w.run("sh", "-c", "cat k.pem cert2.pem > mixed.pem; epic-conformance key mixed.pem | grep together"), wants="do not belong together", read="out"),

    # ---- once more ----
    row("key.base64_of_pem", "github.com/actions/create-github-app-token/pull/155", "a PEM file once more in base64", lambda w: w.inspect("k.b64", base64.encodebytes(w.read("k.pem"))),
        wants="base64 of a private key: decode it once"),
    row("key.base64_of_certificate", "", "a certificate's PEM once more in base64", lambda w: w.inspect("c.b64", base64.b64encode(w.read("cert.pem"))),
        wants="base64 of an X.509 certificate: decode it once"),
    row("key.hex_of_der", "", "hex of a DER certificate", lambda w: w.inspect("c.hex", der(w).hex()), wants="hex of binary DER"),
    row("key.pem_in_quotes", "github.com/moby/moby/issues/46773", "a PEM variable in quotation marks, with \\n", lambda w: w.inspect("k.txt", json.dumps(w.read("k.pem").decode())), wants="quotation marks: take them off"),
    row("key.utf16", "", "a certificate in UTF-16", lambda w: w.inspect("c16.pem", w.read("cert.pem").decode().encode("utf-16")), wants="UTF-16"),
    row("key.variable", "", "`$CERT`, not replaced", lambda w: w.inspect("v.pem", "$CERT\n"), wants="no shell has replaced"),
    row("key.file_name", "", "the name of the file in the file", lambda w: w.inspect("n.pem", "cert.pem\n"), wants="name of a file"),

    # ---- members of a JWK ----
    jwk({"id": "n_hex", "what": "n in hex"}, "n\" has hex digits only: it is hex", n=lambda w: f"{modulus(w):x}"),
    jwk({"id": "n_hex_0x", "what": "n as 0x..."}, "is hex, as openssl prints it", n=lambda w: f"0x{modulus(w):X}"),
    jwk({"id": "n_decimal", "what": "n in decimal"}, "it is decimal", n=lambda w: str(modulus(w))),
    jwk({"id": "n_der", "what": "a whole public key in n"}, "a whole key or certificate in DER", n=lambda w: base64.b64encode(
        w.openssl("pkey", "-in", "k.pem", "-pubout", "-outform", "DER")).decode()),
    jwk({"id": "n_leading_zero", "what": "n with Java's leading zero byte", "source": "github.com/jenkinsci/oidc-provider-plugin/issues/205"}, "sign byte of Java's BigInteger: drop",
        n=lambda w: b64u(b"\0" + modulus(w).to_bytes(256, "big"))),
    jwk({"id": "n_base64url_of_hex", "what": "base64url of n's hex text"}, "base64url of hex text", n=lambda w: b64u(f"{modulus(w):x}".encode())),
    jwk({"id": "n_standard_base64", "what": "n in standard base64", "source": "github.com/IdentityServer/IdentityServer3/issues/732"}, "standard base64|padding",
        n=lambda w: base64.b64encode(modulus(w).to_bytes(256, "big")).decode().rstrip("=").replace("A", "+")),
    jwk({"id": "e_decimal", "what": "e as \"65537\""}, "write it \"AQAB\"", e="65537"),
    jwk({"id": "e_number", "what": "e as a number"}, "a string is needed", e=65537),
    jwk({"id": "n_e_swapped", "what": "n and e swapped"}, "n and e are swapped", n="AQAB", e=lambda w: w.jwk()["n"]),
    jwk({"id": "use_enc", "what": "a key for encryption", "source": ""}, "use\" is \"enc\", a key for encryption", use="enc", alg=DROP),
    jwk({"id": "alg_rsa_oaep", "what": "alg RSA-OAEP"}, "an algorithm of encryption", use="enc", alg="RSA-OAEP"),
    jwk({"id": "alg_ps256", "what": "alg PS256"}, "RSA-PSS, which Epic does not take", alg="PS256"),
    jwk({"id": "alg_es384_rsa", "what": "alg ES384 in an RSA key"}, "which this key \\(RSA\\) does not make", alg="ES384"),
    jwk({"id": "kty_lower_case", "what": "kty rsa"}, "in capitals", kty="rsa"),
    jwk({"id": "kty_ec_with_n", "what": "kty EC with n and e"}, "the members are those of an RSA key", kty="EC"),
    jwk({"id": "key_ops_sign", "what": "key_ops of the private key"}, "as a private key has", key_ops=["sign"]),
    jwk({"id": "use_other_spelling", "what": "use \"signature\""}, "another spelling of \"sig\"", use="signature"),
    jwk({"id": "x5c_of_other_key", "what": "x5c holds another key's certificate"}, "certificate of another key", x5c=lambda w: [base64.b64encode(
        w.openssl("x509", "-in", "cert2.pem", "-outform", "DER")).decode()]),
    jwk({"id": "x5c_with_markers", "what": "x5c with a PEM's markers"}, "holds no certificate in plain base64", x5c=lambda w: [w.read("cert.pem").decode()]),
    jwk({"id": "kid_white_space", "what": "a kid with the line end of its file"}, "white space at its start or end", kid="a\n"),
    jwk({"id": "private_jwk", "what": "a private JWK in the set"}, "private or secret key", d=lambda w: b64u(b"\1" * 256)),

    # ---- what stands where a set belongs ----
    row("key.bare_jwk", "", "one JWK where a set is registered", served(lambda w: json.dumps(w.jwk())), wants="one JWK, where a JWK Set is asked for"),
    row("key.envelope", "", "`{\"jwks\":{\"keys\":[…]}}`", served('{"jwks":{"keys":[]}}'), wants="an envelope: the JWK Set stands under \"jwks\""),
    row("key.envelope_of_secret_store", "", "`{\"data\":{\"keys\":[…]}}`", served('{"data":{"keys":[]}}'), wants="stands under \"data\""),
    row("key.discovery_document", "", "a discovery document", served('{"issuer":"https://a.example","jwks_uri":"https://a.example/k"}'), wants="at its jwks_uri"),
    row("key.array", "", "an array of JWKs", served("[]"), wants="an array"),
    row("key.json_in_a_string", "", "a set written as a JSON string", served('"{\\"keys\\":[]}"'), wants="as a JSON string"),
    row("key.service_account", "", "a service account's file", served('{"client_email":"a","private_key_id":"b"}'), wants="service account"),
    row("key.error_message", "", "an error message", served('{"error":"not found"}'), wants="an error message"),
    row("key.claims", "", "the claims of a JWT", served('{"iss":"a"}'), wants="the claims of a JWT"),
    row("key.keys_in_capitals", "", "`Keys` for `keys`", served('{"Keys":[]}'), wants="in small letters"),
    row("key.single_quotes", "", "a set as Python prints it", served("{'keys': []}"), wants="must be \""),
    row("key.trailing_comma", "", "a comma too many", served('{"keys":[{},]}'), wants="a comma before"),
    row("key.comments", "", "comments in it", served('{"keys":[ // mine\n]}'), wants="no comments"),
    row("key.lines_of_jwks", "", "a JWK a line", served('{"kty":"RSA"}\n{"kty":"RSA"}\n'), wants="several texts"),
    row("key.http_headers", "", "the answer with its headers", served('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"keys":[]}'), wants="its body alone"),
    row("key.javascript", "", "JavaScript around it", served('const jwks = {"keys":[]};'), wants="code"),
    row("key.kubernetes_secret", "", "a Secret of Kubernetes", lambda w: w.inspect("s.yaml", b"kind: Secret\ndata:\n  tls.crt: " + base64.b64encode(w.read("cert.pem"))),
        wants="base64 of a PEM text"),
    row("key.fingerprint", "", "a certificate's fingerprint", lambda w: w.inspect("f.txt", "sha1 Fingerprint=AA:BB:CC\n"), wants="a fingerprint"),
    # ---- what is in it, and what it says that it is ----
    row("key.der_private_key", "", "a private key in DER", lambda w: w.inspect("k.der", w.openssl("pkey", "-in", "k.pem", "-outform", "DER")), wants="a private key.* in binary DER.*pkey -inform DER"),
    row("key.der_public_key", "", "a public key in DER", lambda w: w.inspect("p.der", w.openssl("pkey", "-in", "k.pem", "-pubout", "-outform", "DER")), wants="a bare public key in binary DER"),
    row("key.der_request", "", "a certificate request in DER", lambda w: w.inspect("r.der", w.openssl("req", "-new", "-key", "k.pem", "-subj", "/CN=x", "-outform", "DER")), wants="a certificate signing request in binary DER"),
    row("key.certificate_labelled_key", "", "a certificate between the markers of a key", lambda w: w.inspect("l1.pem", w.read("cert.pem").replace(b"CERTIFICATE", b"PRIVATE KEY")), wants="what is in it is an X.509 certificate"),
    row("key.key_labelled_certificate", "", "a key between the markers of a certificate", lambda w: w.inspect("l2.pem", w.read("k.pem").replace(b"PRIVATE KEY", b"CERTIFICATE")), wants="what is in it is a private key"),
    row("key.pkcs1_labelled_pkcs8", "", "PKCS#1 between the markers of PKCS#8", lambda w: w.inspect("l3.pem", w.openssl("rsa", "-in", "k.pem", "-traditional").replace(b"RSA PRIVATE", b"PRIVATE")), wants="BEGIN RSA PRIVATE KEY"),
    row("key.bare_base64_of_key", "", "a key without its markers", lambda w: w.inspect("b.txt", b"".join(w.read("k.pem").split(b"\n")[1:-2])), wants="bare base64 of a private key"),
    row("key.base64_twice", "", "a PEM file in base64 of base64", lambda w: w.inspect("bb.txt", base64.b64encode(base64.b64encode(w.read("k.pem")))), wants="decode it twice"),
    row("key.percent_encoded", "", "percent-encoded line ends", lambda w: w.inspect("pe.pem", w.read("k.pem").replace(b"\n", b"%0A")), wants="percent-encoded"),
    row("key.backslashes_twice", "", "line ends written as two backslashes and n", lambda w: w.inspect("bs.pem", w.read("k.pem").replace(b"\n", b"\\\\n")), wants="one backslash too many"),
    row("key.zero_width_space", "", "a zero-width space in it", lambda w: w.inspect("zw.pem", w.read("k.pem").replace(b"\n", b"\xe2\x80\x8b\n", 3)), wants="zero-width space"),
    row("key.small_letters", "", "`-----begin private key-----`", lambda w: w.inspect("sm.pem", w.read("k.pem").replace(b"BEGIN PRIVATE KEY", b"begin private key").replace(b"END PRIVATE KEY", b"end private key")), wants="in capitals"),
    row("key.two_keys", "", "two private keys in one file", lambda w: w.inspect("two.pem", w.read("k.pem") + w.read("k2.pem")), wants="2 private keys in one file"),
    row("key.known_hosts", "", "a line of OpenSSH's known_hosts", lambda w: w.inspect("kh", "fhir.epic.com ssh-rsa AAAAB3NzaC1yc2E\n"), wants="a line of OpenSSH"),
    row("key.age", "", "a key of age", lambda w: w.inspect("age", "AGE-SECRET-KEY-1QQQ\n"), wants="a key of age"),
    row("key.sops", "", "a file that sops encrypted", lambda w: w.inspect("sops", "key: ENC[AES256_GCM,data:x]\nsops: {}\n"), wants="sops encrypted"),
    row("key.ansible_vault", "", "a file that ansible-vault encrypted", lambda w: w.inspect("av", "$ANSIBLE_VAULT;1.1;AES256\n3139\n"), wants="ansible-vault encrypted"),
    row("key.git_lfs", "", "the pointer of Git LFS", lambda w: w.inspect("lfs", "version https://git-lfs.example/spec/v1\noid sha256:a\n"), wants="Git LFS"),
    row("key.keytool_list", "", "what keytool lists", lambda w: w.inspect("kt", "Keystore type: PKCS12\nYour keystore contains 1 entry\n"), wants="keytool lists"),
    row("key.error_of_shell", "", "the error of a shell in the file", lambda w: w.inspect("er", "cat: k.pem: No such file or directory\n"), wants="message of an error"),
    row("key.markdown", "", "a set in a fence of Markdown", served('```json\n{"keys":[]}\n```'), wants="Markdown"),
    row("key.curl_verbose", "", "what curl -v shows of it", served('* Connected\n< HTTP/1.1 200\n{"keys":[]}'), wants="curl -v shows"),
    row("key.lambda_answer", "", "the answer of a function, not what it answers with", served('{"statusCode":200,"body":"{}"}'), wants="stands under body"),
]
