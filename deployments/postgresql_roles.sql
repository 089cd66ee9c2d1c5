-- Who may do what in the engine's PostgreSQL: three roles, none of which logs in by itself.
-- Run it with psql as the owner of the tables, after `cites up` (or `cites restore`) has made them, and again after each
-- upgrade: it may be run any number of times. Then give each account its role:
--     CREATE ROLE cites LOGIN PASSWORD '…' IN ROLE cites_engine;      -- CITES_DATABASE_URL of servers and workers
--     CREATE ROLE tableau LOGIN PASSWORD '…' IN ROLE cites_reader;    -- a dashboard, a report: reads
-- The account that owns the database keeps for itself what changes tables: it runs upgrades and nothing else.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cites_engine') THEN CREATE ROLE cites_engine NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cites_reader') THEN CREATE ROLE cites_reader NOLOGIN; END IF;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO cites_engine, cites_reader;

-- What is granted below is all there is: an upgrade that takes a right back is followed too.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, cites_engine, cites_reader;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, cites_engine, cites_reader;

-- The engine: rows, never tables; the record of changes is only added to; versions of the tables are only read.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO cites_engine;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO cites_engine;
REVOKE UPDATE, DELETE ON event FROM cites_engine;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM cites_engine;

-- The reader: reads.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO cites_reader;
