"""What random rule sets and facts are made of. Values come from small ranges around each other, so that limits are hit exactly,
with the edges of 64 bits and of the calendar among them."""
DATES = [f"2024-12-{day}" for day in (24, 27, 30, 31)] + [f"2025-01-0{day}" for day in range(1, 8)] + ["2024-02-29", "2023-12-31"]
WEEKENDS = ["2024-12-28", "2024-12-29", "2025-01-04", "2025-01-05"]
EDGE_DATES = ["0001-01-01", "9999-12-31"]
TIMES = ["T00:00:00+07:00", "T23:59:59.999999+07:00", "T17:00:00Z", "T16:59:59Z", "T08:30:00+07:00", "T00:00:00-05:00"]
EDGE_INSTANTS = ["0001-01-01T00:00:00+07:00", "0001-01-01T17:00:00Z", "9999-12-31T16:59:59Z", "9999-12-31T23:59:59.999999+07:00"]
INTEGERS = [-2, -1, 0, 1, 2, 3, 2022, 2023, 2024]
EDGE_INTEGERS = [2**63 - 1, -2**63]
DECIMALS = ["0.00", "0.01", "64.35", "71.50", "89.95", "90.00", "90.01", "100.00", "-0.01", "-90.00"]
EDGE_DECIMALS = ["92233720368547758.07", "-92233720368547758.08"]
TEXTS = ["A", "B", "Đạt"]
STATES = ["PRESENT", "DRAFT"]
FINDERS = ["home_affairs", "council"]
COMPARISONS = ["=", "!=", "<", "<=", ">", ">="]

FACTS = {"b1": "boolean", "b2": "boolean", "t1": "text", "n1": "integer", "n2": "integer", "d1": "decimal", "d2": "decimal",
         "day1": "date", "day2": "date", "at1": "instant", "at2": "instant"}
FIELDS = {"kind": "text", "year": "integer", "good": "boolean", "amount": "decimal", "on": "date", "until": "date", "at": "instant"}
REGISTERS = ["r1", "r2"]
CONTENTS = ["A", "B"]
DOCUMENTS = ["X", "Y", "Z"]
PARAMETERS = {"p1": "date", "p2": "date", "p3": "integer", "p4": "integer", "p5": "decimal", "p6": "decimal"}
RECKONED = ["q1", "q2"]  # days that are reckoned from other parameters
EARLIER = {-1: ["d1", "n1"], -2: ["d1", "d2"]}  # facts of those years before
AWARD_YEAR = 2024
WORDS = {"text": {"vi": "v", "en": "e"}, "citations": ["c"]}


def value(rng, kind):
    edge = rng.random() < 0.03
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "text":
        return rng.choice(TEXTS)
    if kind == "integer":
        return rng.choice(EDGE_INTEGERS if edge else INTEGERS)
    if kind == "decimal":
        return rng.choice(EDGE_DECIMALS if edge else DECIMALS)
    if kind == "date":
        return rng.choice(EDGE_DATES if edge else DATES)
    return rng.choice(EDGE_INSTANTS) if edge else rng.choice(DATES) + rng.choice(TIMES)
