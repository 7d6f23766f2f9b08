-- Evaluations that go on after the client has its answer (RFC 7240, respond-async).

CREATE TABLE evaluation_runs (
    evaluation_id uuid PRIMARY KEY CONSTRAINT evaluation_runs_evaluation REFERENCES evaluations,
    total bigint NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    beat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed_request text
);
COMMENT ON TABLE evaluation_runs IS
    'How far an evaluation in the background is, told once a second on a connection of its own: its verdicts show all at once or never.';
COMMENT ON COLUMN evaluation_runs.failed_request IS 'Under this id the log says why it failed.';

CREATE FUNCTION evaluation_state(e evaluations) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN e.state = 'RUNNING' AND NOT EXISTS (
                    SELECT FROM evaluation_runs r WHERE r.evaluation_id = e.id AND r.beat_at > clock_timestamp() - interval '60 s')
                THEN 'ABANDONED' ELSE e.state END
$$;
COMMENT ON FUNCTION evaluation_state IS
    'One that is RUNNING and has not been heard of for a minute is ABANDONED, whatever became of the process that ran it: nobody needs
    to come by and mark it, and should it finish after all, it is DONE.';

CREATE OR REPLACE FUNCTION evaluation_json(e evaluations) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year, 'state', evaluation_state(e),
        'progress', (SELECT json_build_object('done', CASE WHEN e.state = 'DONE' THEN (e.counts ->> 'contestants')::bigint ELSE r.done END,
                                              'total', r.total) FROM evaluation_runs r WHERE r.evaluation_id = e.id),
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters, 'inputs', e.inputs,
        'input_hash', e.input_hash, 'result_hash', e.result_hash, 'counts', e.counts, 'warnings', e.warnings,
        'created_at', e.created_at, 'created_by', e.created_by_name)
$$;
