"""Many contestants, made by SQL of a few that were entered over HTTP: what they are and did is the same, under other ids."""


def copy_contestants(service, campaign, year, templates, count, unpacked_every=0):
    """`templates` are ids of units whose facts are packed. Of every so many copies the packed facts are left out."""
    told = service.psql(f"""
        BEGIN; SET LOCAL session_replication_role = replica;
        CREATE TEMP TABLE templates AS SELECT row_number() OVER () - 1 AS turn, c, p, u.kind FROM contestants c
            JOIN packed_facts p USING (campaign, year, unit_id) JOIN unit_periods u ON u.unit_id = c.unit_id
            WHERE campaign = '{campaign}' AND year = {year} AND c.unit_id = ANY ('{{{",".join(templates)}}}');
        CREATE TEMP TABLE made AS SELECT gen_random_uuid() AS id, i, c, p, kind FROM generate_series(1, {count}) i
            JOIN templates ON turn = i % {len(templates)};
        INSERT INTO units (id) SELECT id FROM made;
        INSERT INTO unit_periods (unit_id, valid, name, kind) SELECT id, '[2020-01-01,)', 'Đơn vị ' || i, kind FROM made;
        INSERT INTO unit_stamps (unit_id, stamp, packed) SELECT id, (p).stamp, (p).stamp FROM made;
        INSERT INTO contestants (campaign, year, unit_id, group_name, on_assessed_list)
            SELECT '{campaign}', {year}, id, (c).group_name, (c).on_assessed_list FROM made;
        INSERT INTO packed_facts SELECT '{campaign}', {year}, id, (p).stamp, (p).layout, decode(replace(encode((p).facts, 'hex'),
            encode(convert_to((p).unit_id::text, 'UTF8'), 'hex'), encode(convert_to(id::text, 'UTF8'), 'hex')), 'hex') FROM made
            WHERE {unpacked_every} = 0 OR i % nullif({unpacked_every}, 0) > 0;
        COMMIT; ANALYZE""", user="postgres")
    assert told.endswith("ANALYZE"), told
