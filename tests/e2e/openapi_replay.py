# SPDX-License-Identifier: Apache-2.0
"""openapi_replay.py URL TOKEN: sends the example of each operation of /v1/openapi.json to a running fepd, and
validates what comes back against the schema of its status. Prints what does not fit; exit status 1 then."""
import json
import sys
import urllib.parse
import urllib.request

import jsonschema

url, token = sys.argv[1], sys.argv[2]
known = {}  # what later examples name
wrong = []


def send(method, path, body=None, headers=None):
    request = urllib.request.Request(url + path, method=method, headers={"Authorization": "Bearer " + token})
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        answer = urllib.request.urlopen(request, data, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    return answer


document = json.load(send("GET", "/v1/openapi.json"))


def resolve(thing):
    while "$ref" in thing:
        at = document
        for part in thing["$ref"][2:].split("/"):
            at = at[part]
        thing = at
    return thing


def validate(schema, value, what):
    whole = {"components": document["components"], **schema}
    errors = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
    for error in errors[:3]:
        wrong.append(f"{what}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")


def filled(path, name, value):
    """What an example names and what exists only once fepd runs: a cursor, a command's number, a tag's."""
    if name == "cursor":
        return known["CURSOR"]
    if name == "id":
        return known[path]
    return value


def target(template, operation):
    path, query = template, []
    for parameter in operation.get("parameters", []):
        if "example" not in parameter:
            continue
        value = filled(template, parameter["name"], parameter["example"])
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", urllib.parse.quote(str(value), safe=""))
        elif parameter["in"] == "query":
            query.append((parameter["name"], value))
    return path + ("?" + urllib.parse.urlencode(query) if query else "")


def check_body(what, answer, content, text):
    kind = answer.headers["Content-Type"].split(";")[0]
    if kind not in content:
        wrong.append(f"{what}: {kind} is not described")
    elif kind == "application/x-ndjson":
        for line in text.splitlines():
            validate(content[kind]["schema"], json.loads(line), what)
    elif kind.endswith("json"):
        validate(content[kind]["schema"], json.loads(text), what)


def replay(method, path, operation):
    what = f"{method.upper()} {path}"
    body = operation.get("requestBody")
    example = None
    if body:
        media = body["content"]["application/json"]
        example = {name: filled(path, name, value) for name, value in media["example"].items()}
        validate(media["schema"], example, what + " (its example)")
    answer = send(method.upper(), target(path, operation), example)
    status = str(answer.status)
    if status not in operation["responses"]:
        wrong.append(f"{what}: {status} is not described: {answer.read(300)}")
        return
    if not status.startswith("2"):
        wrong.append(f"{what}: its example is refused with {status}: {answer.read(300)}")
        return
    content = resolve(operation["responses"][status]).get("content", {})
    if "text/event-stream" in content:
        if not answer.headers["Content-Type"].startswith("text/event-stream") or not answer.readline():
            wrong.append(f"{what}: no stream")
        answer.close()
        return
    text = answer.read().decode()
    check_body(what, answer, content, text)
    if what == "POST /v1/commands":
        known["/v1/commands/{id}"] = json.loads(text)["id"]
    if what == "POST /v1/tags":
        known["/v1/tags/{id}"] = json.loads(text)["id"]


known["CURSOR"] = json.load(send("GET", "/v1/stations"))["cursor"]
order = [(method, path) for path in document["paths"] for method in document["paths"][path]]
# What makes things comes before what reads them, and what takes them away last.
rank = {"put": 0, "post": 1, "get": 2, "delete": 3}
order.sort(key=lambda entry: rank[entry[0]])
skipped = 0
for method, path in order:
    if (method, path) == ("delete", "/v1/commands/{id}"):
        skipped += 1  # the command has ended by then: what is refused is tested elsewhere
        continue
    replay(method, path, document["paths"][path][method])

# A schema that allows everything would be worth nothing.
problem = send("GET", "/v1/events?limit=0")
validate({"$ref": "#/components/schemas/Problem"}, json.load(problem), "a problem")
for what in wrong:
    print(what)
print(f"{len(order) - skipped} operations, {len(wrong)} do not fit")
sys.exit(bool(wrong))
