"""What the schema allows and forbids where Citus would shard by campaign: the catalogue against lists that are kept with reasons.

A unique rule of a distributed table must hold the distribution column, and so must a foreign key between two of them (Citus, "Create
and distribute tables", limitations). docs/scale.md says what follows. A rule that breaks this and is not listed makes this fail.
"""
# Tables without a campaign that a campaign's rows refer to or that all campaigns share: copies on every node ("reference tables").
SHARED = set("""campaigns units unit_periods unit_codes unit_stamps successions keys key_uses criteria_sets installation holiday_years public_holidays
    score_frames score_nodes scorecards score_leaves initiatives initiative_recognitions discipline_records proceedings idempotency_answers
    schema_functions schema_migrations""".split())
# Parts of a campaign's rows that are found by the id of the whole: each would need a column `campaign` of its own.
PARTS = {
    "certificates": "of an award", "council_members": "of a dossier", "deadline_notices": "of a round, by the path of its resource",
    "decision_units": "of a decision", "document_chunks": "of a document", "documents": "of a dossier", "evaluation_runs": "of an evaluation", "evaluations_untold": "of an evaluation",
    "proposal_summaries": "of a proposal", "proposal_units": "of a proposal", "tie_decision_units": "of a tie decision", "verdicts": "of an evaluation",
    "webhook_deliveries": "of a webhook",
}
ID = "made by gen_random_uuid(), so unique without the campaign: (campaign, id) would do, and paths would have to name the campaign"
UNIQUE_WITHOUT = {
    "awards_pkey": ID, "decisions_pkey": ID, "dossiers_pkey": ID, "evaluations_pkey": ID, "proposals_pkey": ID,
    "standing_overrides_pkey": ID, "tie_decisions_pkey": ID, "webhooks_pkey": ID,
    "nominations_pkey": "by the dossier, which is of one campaign",
    "decisions_number": "the law numbers decisions by issuer and year, in all campaigns together: a real rule that sharding forbids",
    "decisions_one_draft": "by the proposal, which is of one campaign",
    "dossiers_letter": "a nominator's letter is one letter, whichever campaign it is for: a real rule that sharding forbids",
    "initiative_used_once": "an initiative counts once in all campaigns: a real rule that sharding forbids",
    "journal_pkey": "one journal of the installation: its chain and the numbers of its feed are one line, and so one table on one node",
    "journal_seq": "one journal of the installation",
}

UNIQUE = """
SELECT t.relname, n.relname FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
WHERE t.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion)
  AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'campaign' AND NOT a.attisdropped)
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'campaign' AND a.attnum = ANY (i.indkey))"""
WITHOUT_CAMPAIGN = """
SELECT t.relname FROM pg_class t WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'campaign' AND NOT a.attisdropped)"""
# From what is copied everywhere to what is distributed.
BACKWARDS = """
SELECT c.conname FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY ('{%s}')
  AND NOT c.confrelid::regclass::text = ANY ('{%s}')"""


def test_unique_rules_that_do_not_hold_the_campaign_are_known(service):
    found = dict(line.split("|")[::-1] for line in service.psql(UNIQUE).splitlines())
    assert set(found) == set(UNIQUE_WITHOUT), (set(found) - set(UNIQUE_WITHOUT), set(UNIQUE_WITHOUT) - set(found))


def test_every_table_is_of_a_campaign_or_its_place_is_known(service):
    assert set(service.psql(WITHOUT_CAMPAIGN).splitlines()) == SHARED | set(PARTS)


def test_what_all_nodes_would_share_refers_to_nothing_that_is_distributed(service):
    shared = ",".join(sorted(SHARED))
    assert service.psql(BACKWARDS % (shared, shared)) == ""
