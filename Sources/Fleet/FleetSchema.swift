/// The tables that machines share.
package enum FleetSchema {
  /// The version written into new tables.
  static let version: Int64 = 1

  /// All tables in the schema `eventdrop`.
  static let tables = ["events", "fleet", "nodes"]

  /// What `eventdrop fleet init` makes the database run; if everything exists, it does nothing.
  ///
  /// `mark()` is what differs in a restored database: a new cluster has a different system identifier, a promoted
  /// standby and a point-in-time recovery a different timeline (taken from the current name of the write-ahead log,
  /// since the control file has it only after the next checkpoint), and tables that were created or filled again
  /// different files.
  package static let statements = """
    CREATE SCHEMA IF NOT EXISTS eventdrop;
    CREATE TABLE IF NOT EXISTS eventdrop.events (
      event_id text COLLATE "C" PRIMARY KEY,
      node text NOT NULL,
      inbox text NOT NULL,
      event_type text NOT NULL,
      data_digest bytea NOT NULL,
      state text NOT NULL,
      claimed_at timestamptz NOT NULL,
      claimed_until timestamptz,
      stored_at timestamptz,
      state_at timestamptz NOT NULL
    ) WITH (fillfactor = 80);
    CREATE INDEX IF NOT EXISTS events_by_time ON eventdrop.events USING brin (claimed_at);
    CREATE TABLE IF NOT EXISTS eventdrop.nodes (
      node text PRIMARY KEY,
      tree text NOT NULL,
      epoch bigint NOT NULL,
      counter bigint NOT NULL,
      generation bigint NOT NULL,
      is_forgotten boolean NOT NULL DEFAULT false,
      joined_at timestamptz NOT NULL DEFAULT now(),
      seen_at timestamptz NOT NULL DEFAULT now(),
      records bigint,
      pending bigint
    ) WITH (fillfactor = 50);
    CREATE TABLE IF NOT EXISTS eventdrop.fleet (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      version integer NOT NULL,
      mark text NOT NULL,
      generation bigint NOT NULL
    );
    CREATE OR REPLACE FUNCTION eventdrop.mark() RETURNS text LANGUAGE sql STABLE AS $$
      SELECT (SELECT system_identifier FROM pg_catalog.pg_control_system()) || ':'
        || pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) || ':'
        || pg_catalog.pg_relation_filenode('eventdrop.fleet')
    $$;
    INSERT INTO eventdrop.fleet (version, mark, generation) VALUES (\(version), eventdrop.mark(), 1) ON CONFLICT DO NOTHING;

    """
}
