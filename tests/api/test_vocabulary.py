"""GET /v1/vocabulary: one table of words for every code of the contract, and no text beside it that shows a code."""
import re

import pytest

from contract import DOCUMENT
from service import ROOT
from words import LABELS, raw_codes

# Of what openapi.yaml only gives examples, and of life cycles whose steps it takes as texts.
NOT_IN_ENUMS = {"DossierAction", "ProposalAction", "DecisionAction", "ScorecardAction", "InitiativeAction", "LeafReason", "EvaluationWarning"}
NO_CODES = {("respond-async",), ("full", "summary"),  # a word of RFC 7240; what a query asks for
            ("before", "not_after"), ("not_after",), ("award_year", "following_year"), ("award_year", "previous_year"),
            ("conference_date",)}  # how a plan writes its cut-offs and its year


def enums(node, name=None):
    if isinstance(node, dict):
        if node.get("name") == "sort":  # names of members, not codes
            return
        if isinstance(node.get("enum"), list):
            yield name, [code.removeprefix("thidua.") for code in node["enum"] if code is not None]
        for key, value in node.items():
            if not re.match("Rule(?!Change)[A-Z]|ProblemType|ErrorCode|cut_offs$|YearlyCutOff", key):  # the form of plans; a problem says itself in words
                yield from enums(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from enums(value, name)


# What programs read: why a request was refused, header fields, and the notation of rule sets.
NOTATION = re.compile(r"ProblemType|ErrorCode|Rule(?!Change)\w+")
TOLD = {**DOCUMENT, "components": {**DOCUMENT["components"], "headers": {}, "schemas": {
    name: schema for name, schema in DOCUMENT["components"]["schemas"].items() if not NOTATION.fullmatch(name)}}}
ENUMS = [(name, codes) for name, codes in enums(TOLD) if tuple(codes) not in NO_CODES]


def test_every_enum_of_the_contract_has_its_words():
    """A schema by the vocabulary of its own name; what has no name by one that holds all of its codes."""
    schemas = DOCUMENT["components"]["schemas"]
    for name, codes in ENUMS:
        if name in LABELS and name in schemas:
            assert list(LABELS[name]) == codes, name
        else:
            assert any(set(codes) <= set(known) for known in LABELS.values()), f"{name}: no vocabulary has {codes}"
    assert len(ENUMS) > 60


def test_no_word_is_for_a_code_that_is_gone():
    for name, known in LABELS.items():
        if name not in NOT_IN_ENUMS:
            told = {code for _, codes in ENUMS if set(codes) <= set(known) for code in codes}
            assert set(known) == told | (set(known) & {"propose", "take_back", "decide"}), name


def test_steps_have_words():
    """src/domain/life_cycle.c: each action and each state is in the vocabularies that its life cycle names."""
    source = (ROOT / "src/domain/life_cycle.c").read_text()
    cycles = re.findall(r'^CYCLE\(\w+, (\w+), (?:NULL|"[\w.]+"), "(\w+)", "(\w+)"\);', source, re.M)
    assert len(cycles) == 8
    for table, states, actions in cycles:
        body = source[source.index(f"struct transition {table}[]"):].split("};")[0]
        rows = re.findall(r'\{"([A-Z_]+)", "(\w+)", "([A-Z_]+)"', body)
        assert rows and {row[1] for row in rows} <= set(LABELS[actions])
        assert {state for row in rows for state in (row[0], row[2])} <= set(LABELS[states])


def test_the_vocabulary_is_public_and_kept(clients):
    answer = clients["anyone"].get("/v1/vocabulary")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "public, max-age=300"
    told = {v["name"]: {c["code"]: {"vi": c["vi"], "en": c["en"]} for c in v["codes"]} for v in answer.json()["vocabularies"]}
    assert told == LABELS
    again = clients["anyone"].get("/v1/vocabulary", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("name", LABELS)
def test_words_are_words(name):
    """Two languages, neither of them the code, no two codes of a vocabulary with the same words."""
    for language in ("vi", "en"):
        said = [words[language] for words in LABELS[name].values()]
        assert len(set(said)) == len(said) and not any(raw_codes(text, language) for text in said), name
    assert not any(words["vi"] == code or words["en"] == code for code, words in LABELS[name].items())
