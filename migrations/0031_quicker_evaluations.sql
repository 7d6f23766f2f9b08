-- Evaluations that are answered sooner. A function in SQL that cannot become part of the query around it is parsed and planned at
-- every call, one in PL/pgSQL once in a session: for these the planning was most of the work.

CREATE OR REPLACE FUNCTION register_common_states(campaign text, year integer) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_object_agg(d.register, jsonb_build_object('complete', d.complete,
            'complete_source', CASE WHEN d.complete THEN d.source END,
            'complete_through', CASE WHEN d.complete THEN d.complete_through END)), '{}')
        FROM register_declarations d WHERE d.campaign = $1 AND d.year = $2 AND d.unit_id IS NULL);
END $$;

CREATE OR REPLACE FUNCTION evaluation_state(e evaluations) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN e.state = 'RUNNING' AND NOT EXISTS (
                    SELECT FROM evaluation_runs r WHERE r.evaluation_id = e.id AND r.beat_at > clock_timestamp() - interval '60 s')
                THEN 'ABANDONED' ELSE e.state END;
END $$;

CREATE OR REPLACE FUNCTION evaluation_json(e evaluations, offices boolean DEFAULT true) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN json_build_object('id', e.id, 'campaign', e.campaign, 'year', e.year, 'state', evaluation_state(e),
        'progress', (SELECT json_build_object('done', CASE WHEN e.state = 'DONE' THEN (e.counts ->> 'contestants')::bigint ELSE r.done END,
                                              'total', r.total) FROM evaluation_runs r WHERE r.evaluation_id = e.id),
        'rule_set', json_build_object('name', e.rule_set_name, 'version', e.rule_set_version),
        'rule_set_hash', e.rule_set_hash, 'semantics', e.semantics, 'as_of', e.as_of, 'parameters', e.parameters,
        'inputs', CASE WHEN offices THEN e.inputs ELSE e.inputs #- '{standings,overrides}' #- '{standings,tie_decisions}' END,
        'input_hash', e.input_hash, 'result_hash', e.result_hash, 'counts', e.counts, 'warnings', e.warnings,
        'created_at', e.created_at, 'created_by', e.created_by_name);
END $$;

-- Standings of a thousand took half a millisecond to compress, and are a thirtieth of their verdicts.
ALTER TABLE evaluations ALTER COLUMN standings SET STORAGE EXTERNAL;
