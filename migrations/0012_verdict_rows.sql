-- Verdicts come by the thousand in the transaction that makes their evaluation.

ALTER TABLE verdicts DROP CONSTRAINT verdicts_evaluation_id_fkey;
COMMENT ON COLUMN verdicts.evaluation_id IS
    'Without a key of its own, which was looked up for every one of a million rows: verdicts are written only by the transaction that
    writes their evaluation, evaluations are never deleted, and a replay holds their number and content against the journal.';
