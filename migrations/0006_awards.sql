-- Evaluations, proposals, decisions, awards.
SELECT 1;
