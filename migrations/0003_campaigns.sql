-- Campaigns, award rounds, contestants (plan 230: II.1, II.3, III.2.b).

CREATE TABLE campaigns (
    code text PRIMARY KEY CONSTRAINT campaigns_code_form CHECK (code ~ '^[0-9A-Za-zĐđ._-]{1,64}$'),
    version bigint NOT NULL DEFAULT 1,
    plan jsonb NOT NULL
);
COMMENT ON TABLE campaigns IS 'Plans as data. The code is the printed number with - for /: 230-KH-UBND.';

CREATE TABLE rounds (
    campaign text NOT NULL REFERENCES campaigns,
    year integer NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (campaign, year)
);
COMMENT ON TABLE rounds IS 'One award year of a campaign.';

CREATE TABLE contestants (
    campaign text NOT NULL,
    year integer NOT NULL,
    unit_id uuid NOT NULL CONSTRAINT contestants_unit REFERENCES units,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (campaign, year, unit_id),
    CONSTRAINT contestants_round FOREIGN KEY (campaign, year) REFERENCES rounds
);
COMMENT ON TABLE contestants IS 'The year''s register of contestants, kept by Sở Nội vụ (II.1).';
