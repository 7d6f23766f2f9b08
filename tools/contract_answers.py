"""What each operation of openapi.yaml may answer, and with which header fields, as it follows from its row in the route table.

tools/declare_answers writes it into openapi.yaml; tests/api/test_contract.py holds the file to it, and contract.py every answer
that a test sees."""

# Problems of every operation: of its query and header fields, its key, what it accepts, a body where there is none, the length of
# its target and head, and of the service itself.
ALWAYS = (400, 401, 406, 413, 414, 431, 500, 503)
REFUSALS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 406: "NotAcceptable", 409: "Conflict",
            412: "PreconditionFailed", 413: "ContentTooLarge", 414: "UriTooLong", 415: "UnsupportedMediaType", 422: "Unprocessable",
            428: "PreconditionRequired", 429: "TooManyRequests", 431: "HeadersTooLarge", 500: "InternalError", 503: "Unavailable",
            507: "InsufficientStorage"}
UPLOADS = ("application/pdf", "text/csv")
# What does not follow from the row: an operation → what it refuses beside. A body may name what is not there for the caller; an
# evaluation may not be done, or rank nobody; a summary has room for so many nominees; a large verdict takes a worker.
BESIDE = {"getStandings": {409}, "listVerdicts": {409}, "getVerdict": {409}, "replayEvaluation": {409}, "createImport": {404}, "createInitiative": {404}, "tryOut": {403, 404}, "getProposalSummary": {409}, "getUnitVerdict": {422}}
# Answers of these are no-store whatever their rows say: no ETag, no 304.
NEVER_KEPT = {"getHealth", "getReadiness", "getMetrics", "getProposalSummary"}


def refusals(operation, route):
    """The statuses of its problems, in order."""
    names = {(p["in"], p["name"]) for p in operation["parameters"]}
    found = set(ALWAYS) | set(BESIDE.get(operation["operationId"], ()))
    everybody = "anyone" in route["roles"]
    if route["write"] or not everybody:  # a token may have no role at all
        found.add(403)
    if "path" in {place for place, _ in names}:
        found.add(404)
    if route["write"]:  # the state, a constraint, a copy under way; another request under the key
        found |= {409, 422}
    if route["computes"]:  # too much work
        found.add(422)
    if ("header", "If-Match") in names:
        found |= {412, 428}
    if route["content_type"]:
        found |= {415, 422}
    if route["content_type"] in UPLOADS:
        found.add(507)
    if operation["path"].startswith("/v1/"):
        found.add(429)
    return sorted(found)


def is_kept(operation, route):
    return route["method"] == "GET" and route["cache_control"] != "no-store" and operation["operationId"] not in NEVER_KEPT


def fields(operation, route, status):
    """The header fields of a success."""
    names = {p["name"] for p in operation["parameters"]}
    found = ["Cache-Control", "Vary", "X-Request-Id", "Server-Timing", "X-Content-Type-Options"]
    content = operation["responses"].get(str(status), {}).get("content", {})
    if operation["operationId"] not in NEVER_KEPT and status != 204:
        found.append("ETag")
    if route["method"] == "GET" and "cursor" in names:
        found.append("Link")
    if status in (201, 202):
        found.append("Location")
    if route["write"]:
        found.append("Idempotency-Replayed")
    if "Prefer" in names:
        found.append("Preference-Applied")
    if operation["operationId"] in ("getFront", "getLinks") or "text/csv" in content or "openxml" in "".join(content):
        found.append("Content-Language")
    if any(not kind.endswith("json") and kind.startswith(("application/", "text/csv")) and "yaml" not in kind for kind in content):
        found.append("Content-Disposition")
    if operation["path"].startswith("/v1/"):
        found += ["RateLimit", "RateLimit-Policy"]
    return found + BESIDE_FIELDS.get(operation["operationId"], [])


# Header fields that one operation alone has.
BESIDE_FIELDS = {"getRoundCalendar": ["Content-Language"], "getDocs": ["Content-Security-Policy"], "getFront": ["Content-Security-Policy"], "getSchemas": ["Content-Security-Policy"], "streamEvents": ["X-Accel-Buffering"]}
