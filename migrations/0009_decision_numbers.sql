-- A number is given out once a year: decisions of one year are numbered in one sequence, so the same number on another day of
-- that year would be a mistake (domain, section 5).

DROP INDEX decisions_number;
CREATE UNIQUE INDEX decisions_number ON decisions (regexp_replace(number, '\s', '', 'g'), (extract(year FROM signed_on)))
    WHERE state <> 'DRAFT';
COMMENT ON INDEX decisions_number IS 'A number is never given out again in its year, not even after a revocation.';
