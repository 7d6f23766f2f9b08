"""One line of curl for an operation: what a caller must send, with the examples of the contract; what only the caller knows is a
variable of the shell. $api is where the service is, $key the caller's key."""
import json
import shlex
import urllib.parse

KEY = '-H "Authorization: Bearer $key"'
FILES = {"application/pdf": "document.pdf", "text/csv": "file.csv",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "file.xlsx"}


def example_of(resolve, parameter):
    schema = resolve(parameter.get("schema", {}))
    for given in (parameter, schema):
        if "example" in given:
            return given["example"]
        if isinstance(given.get("examples"), list):
            return given["examples"][0]
    return None


def written(value):
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def target(resolve, path, parameters, writes):
    """The path, and the query that the operation needs; of a write also what the contract has an example of."""
    query = []
    for parameter in parameters:
        name, example = parameter["name"], example_of(resolve, parameter)
        value = f"${name}" if example is None else urllib.parse.quote(written(example), safe="")
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", value)
        elif parameter["in"] == "query" and (parameter.get("required") or (writes and example is not None)):
            query.append(f"{name}={value}")
    return f'"$api{path}' + ("?" + "&".join(query) if query else "") + '"'


def media_example(resolve, media):
    if "example" in media:
        return media["example"]
    for given in media.get("examples", {}).values():
        return resolve(given)["value"]
    return resolve(media.get("schema", {})).get("examples", [None])[0]


def body(resolve, operation):
    content = resolve(operation.get("requestBody", {})).get("content", {})
    for kind, media in content.items():
        example = media_example(resolve, media)
        if kind in FILES:
            return [f"-H 'Content-Type: {kind}'", f"--data-binary @{FILES[kind]}"]
        data = shlex.quote(json.dumps({} if example is None else example, ensure_ascii=False, default=str))
        return [f"--json {data}"] if kind == "application/json" else [f"-H 'Content-Type: {kind}'", f"-d {data}"]
    return []


def answer_flags(resolve, operation):
    """A stream is shown as it comes; a file is kept under the name that the service gives it."""
    kinds = [kind for status, response in operation["responses"].items() if str(status).startswith("2") for kind in resolve(response).get("content", {})]
    if "text/event-stream" in kinds:
        return ["-N"]
    return ["-OJ"] if any(kind in FILES for kind in kinds) and not any(kind.endswith("json") for kind in kinds) else []


def curl(resolve, path, method, item):
    operation = item[method]
    parameters = [resolve(parameter) for parameter in item.get("parameters", []) + operation.get("parameters", [])]
    data = body(resolve, operation)
    implied = "post" if any(part.startswith(("--json", "-d", "--data")) for part in data) else "get"
    words = ["curl", *answer_flags(resolve, operation)]
    if method != implied:
        words.append(f"-X {method.upper()}")
    words.append(target(resolve, path, parameters, method != "get"))
    security = operation.get("security")
    if security is None or (security and {} not in security):
        words.append(KEY)
    for parameter in parameters:
        if parameter["in"] == "header" and parameter.get("required"):
            variable = "etag" if parameter["name"] == "If-Match" else parameter["name"].lower().replace("-", "_")
            words.append(f'-H "{parameter["name"]}: ${variable}"')
    return " ".join(words + data)
