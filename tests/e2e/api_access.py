# SPDX-License-Identifier: Apache-2.0
"""api_access.py URL CA FOLDER [stream]: who may do what over TLS. The folder has viewer.token, operator.token,
scoped.token, expired.token, client.pem and client.key (a known name), stranger.pem and stranger.key (another
authority). With `stream` that of soon.token alone, which ends; exit status 75 where that has happened already."""
import http.client
import json
import ssl
import sys
import urllib.parse
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # that old protocols are old is what is tested
url, ca, folder, *only = sys.argv[1:]
host, port = urllib.parse.urlsplit(url).hostname, urllib.parse.urlsplit(url).port
failures = 0
PATIENCE_S = 60


def check(what, fine, said=""):
    global failures
    print(("ok: " if fine else "FAILED: ") + what + ("" if fine else f" ({said})"))
    failures += not fine


def token(name):
    return open(f"{folder}/{name}.token").read().strip()


def context(certificate=None, most=None):
    tls = ssl.create_default_context(cafile=ca)
    if certificate:
        tls.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/{certificate}.key")
    if most:
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, most
        tls.set_ciphers("ALL:@SECLEVEL=0")
    return tls


def connect(**named):
    return http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=context(**named))


def ask(method, path, who=None, headers=None, body=None, certificate=None, connection=None):
    connection = connection or connect(certificate=certificate)
    headers = dict(headers or {})
    if who:
        headers["Authorization"] = "Bearer " + token(who)
    if body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(method, path, body=json.dumps(body) if body is not None else None, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers


def expect(what, status, *arguments, **named):
    got, text, headers = ask(*arguments, **named)
    check(what, got == status, f"{got}: {text[:200]}")
    if got >= 400:
        check(what + ", as a problem", headers["Content-Type"] == "application/problem+json"
              and json.loads(text)["status"] == got, text)
    return text, headers


if only == ["stream"]:
    connection = connect()
    connection.request("GET", "/v1/stream", headers={"Authorization": "Bearer " + token("soon")})
    answer = connection.getresponse()
    if answer.status in (401, 429):
        sys.exit(75)
    octets = 0
    while chunk := answer.read1(65536):
        octets += len(chunk)
    check("a stream ends when its token expires", answer.status == 200 and octets > 0, answer.status)
    sys.exit(bool(failures))

_, headers = expect("without a token: 401", 401, "GET", "/v1/stations")
check("it says how", (headers["WWW-Authenticate"] or "").startswith("Bearer"))
check("nobody else's page may read", headers["Access-Control-Allow-Origin"] is None)
expect("an unknown token: 401", 401, "GET", "/v1/stations", headers={"Authorization": "Bearer fep_nobody"})
expect("another kind of authorization: 401", 401, "GET", "/v1/stations", headers={"Authorization": "Basic eDp5"})
text, _ = expect("an expired token: 401", 401, "GET", "/v1/stations", "expired")
check("it says so", "expired" in text, text)
expect("the page needs none", 200, "GET", "/")
expect("nor does the description", 200, "GET", "/v1/openapi.json")
expect("nor whether it runs", 200, "GET", "/livez")
expect("metrics do", 401, "GET", "/metrics")

text, _ = expect("a viewer reads", 200, "GET", "/v1/me", "viewer")
me = json.loads(text)
check("and is known", (me["name"], me["role"], me["stations"]) == ("vera", "viewer", ["*"]), text)
command = {"station": "S00001", "reason": "test",
           "points": [{"type": "binary_output_status", "index": 0, "op": "latch_on"}]}
text, _ = expect("but does not operate: 403", 403, "POST", "/v1/commands", "viewer", body=command)
check("and is told the role", "operator" in text, text)
expect("nor traces: 403", 403, "GET", "/v1/stations/S00001/trace", "viewer")
expect("an operator does not reload: 403", 403, "POST", "/v1/reload", "operator", body={})
expect("a foreign origin writes nothing: 403", 403, "POST", "/v1/commands", "operator",
       {"Origin": "https://evil.example"}, command)
expect("nor does one without a name", 403, "POST", "/v1/commands", "operator", {"Origin": "null"}, command)
expect("our own origin is fine", 422, "POST", "/v1/commands", "operator",
       {"Origin": f"https://{host}:{port}"}, {"station": "S00001"})
expect("another name of ours: 421", 421, "GET", "/v1/me", "viewer", {"Host": "evil.example"})
expect("the name in the certificate", 200, "GET", "/v1/me", "viewer", {"Host": "fepd.example:443"})

# Scopes: every answer.
text, _ = expect("who may see one station", 200, "GET", "/v1/stations", "scoped")
names = [station["name"] for station in json.loads(text)["stations"]]
check("sees one", names == ["S00002"], names)
expect("not another: 403", 403, "GET", "/v1/stations/S00001", "scoped")
expect("not its points: 403", 403, "GET", "/v1/points?station=S00001", "scoped")
expect("not its events: 403", 403, "GET", "/v1/events?station=S00001", "scoped")
expect("not its stream: 403", 403, "GET", "/v1/stream?station=S00001", "scoped")
expect("not its tags: 403", 403, "GET", "/v1/tags?station=S00001", "scoped")
expect("not its audit: 403", 403, "GET", "/v1/audit?station=S00001", "scoped")
expect("nor operates it: 403", 403, "POST", "/v1/commands", "scoped", body=command)
text, _ = expect("among all events", 200, "GET", "/v1/events?limit=100", "scoped")
seen = {json.loads(line).get("station") for line in text.splitlines()[:-1]}
check("there are only his", seen == {"S00002"}, seen)
text, _ = expect("as CSV too", 200, "GET", "/v1/events?limit=100&format=csv", "scoped")
check("only his", "S00002" in text and "S00001" not in text and "S00003" not in text)
text, _ = expect("the overview", 200, "GET", "/v1/overview", "scoped")
check("counts only his", json.loads(text)["stations"]["total"] == 1, text)

# Certificates.
text, _ = expect("a certificate in place of a token", 200, "GET", "/v1/me", certificate="client")
check("is known by its name", json.loads(text)["name"] == "historian", text)
try:
    status, text, _ = ask("GET", "/v1/me", certificate="stranger")
    check("a certificate of another authority is refused", False, f"{status}: {text}")
except (ssl.SSLError, ConnectionError, http.client.HTTPException) as error:
    check("a certificate of another authority is refused", True)
try:
    connection = connect(most=ssl.TLSVersion.TLSv1_1)
    connection.request("GET", "/livez")
    check("TLS 1.1 is refused", False, connection.getresponse().status)
except (ssl.SSLError, ConnectionError) as error:
    check("TLS 1.1 is refused", True)
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    tls = context()
    tls.minimum_version = tls.maximum_version = version
    connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=tls)
    connection.request("GET", "/livez")
    check(f"{version.name} is served", connection.getresponse().status == 200)
try:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    connection.request("GET", "/livez")
    check("without TLS nothing is served", False, connection.getresponse().status)
except (ConnectionError, http.client.HTTPException) as error:
    check("without TLS nothing is served", True)

# Guessing.
codes = []
while 429 not in codes and len(codes) < 300:  # some at once, and one more every second, are not too many
    codes.append(ask("GET", "/v1/me", headers={"Authorization": f"Bearer fep_{len(codes)}"})[0])
check("who guesses is told to wait: 429", 429 in codes and set(codes) <= {401, 429}, codes)
expect("others from there are served", 200, "GET", "/v1/me", "viewer")
text, _ = expect("and the audit tells", 200, "GET", "/v1/audit?limit=1000", "operator")
check("of the failures", '"action":"login_failed"' in text, text[-500:])
check("and of what was refused", '"state":"refused"' in text and '"who":"vera"' in text, text[-500:])

# What is refused to a viewer is told to the audit, but does not fill it.
ASKED = 60
connection = connect()  # one for all: they must come faster than one a second
codes = {ask("POST", "/v1/commands", "viewer", body=command, connection=connection)[0] for _ in range(ASKED)}
check("a viewer is refused each time", codes == {403}, codes)
text, _ = expect("the audit", 200, "GET", "/v1/audit?limit=1000", "operator")
records = sum('"who":"vera"' in line for line in text.splitlines())
check("has not all of it", 1 <= records < ASKED, records)
sys.exit(bool(failures))
