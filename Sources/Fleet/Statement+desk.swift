// Statements for people; $1 is this machine's name.
extension Statement {
  /// Returns for each machine: name, seconds since it was last seen, counter, whether others wait for it, whether it is
  /// forgotten, whether it still has to put in the content of its tree, and how many records and pending events it has
  /// reported.
  static let machines = Statement(
    name: "machines",
    text: """
      SELECT n.node, round(extract(epoch FROM now() - n.seen_at))::bigint, n.counter,
        n.generation BETWEEN 1 AND f.generation - 1 AND NOT n.is_forgotten, n.is_forgotten, n.generation = 0,
        n.records, n.pending
      FROM eventdrop.nodes AS n, eventdrop.fleet AS f WHERE $1::text <> '' ORDER BY n.node COLLATE "C"
      """)

  /// Returns the server's version, the database's encoding, and the values of `fsync`, `full_page_writes` and
  /// `synchronous_commit`.
  static let server = Statement(
    name: "server",
    text: """
      SELECT current_setting('server_version'), current_setting('server_encoding'), current_setting('fsync'),
        current_setting('full_page_writes'), current_setting('synchronous_commit')
      WHERE $1::text <> ''
      """)

  /// Returns the existing tables, and for each, whether it may be read and written.
  static let tables = Statement(
    name: "tables",
    text: """
      SELECT c.relname, has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
        AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
        AND has_table_privilege(c.oid, 'DELETE')
      FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = 'eventdrop' AND c.relname IN (\(FleetSchema.tables.map { "'\($0)'" }.joined(separator: ", ")))
        AND $1::text <> ''
      ORDER BY c.relname
      """)

  /// $2 the tree, or null.
  ///
  /// Returns how many seconds ago a machine with this name and another tree was seen, if that would keep this one out.
  static let namesake = Statement(
    name: "namesake",
    text: """
      SELECT round(extract(epoch FROM now() - seen_at))::bigint FROM eventdrop.nodes
      WHERE node = $1::text AND tree <> '' AND tree IS DISTINCT FROM $2::text
        AND seen_at >= now() - interval '1 minute'
      """)

  /// $2 a machine that will never be back: nobody waits for it any more.
  ///
  /// Returns it if there is such a machine.
  static let forget = Statement(
    name: "forget",
    text: "UPDATE eventdrop.nodes SET is_forgotten = true WHERE node = $2::text AND $1::text <> '' RETURNING node")

  /// $2 type, $3 state, $4 inbox, $5 since, $6 until, in milliseconds since 1970; each null for all; $7 how many.
  ///
  /// Returns event, type, state, machine, inbox, and the time of its state in milliseconds, newest first.
  static let list = Statement(
    name: "list",
    text: """
      SELECT event_id, event_type, state, node, inbox, (extract(epoch FROM state_at) * 1000)::bigint
      FROM eventdrop.events
      WHERE $1::text <> '' AND ($2::text IS NULL OR event_type = $2) AND ($3::text IS NULL OR state = $3)
        AND ($4::text IS NULL OR inbox = $4)
        AND ($5::bigint IS NULL OR state_at >= to_timestamp($5 / 1000.0))
        AND ($6::bigint IS NULL OR state_at < to_timestamp($6 / 1000.0))
      ORDER BY state_at DESC, event_id LIMIT $7::bigint
      """)

  /// $2 since, $3 until: days in UTC, null for all.
  ///
  /// Returns day, machine, type, state, and how many.
  static let counts = Statement(
    name: "counts",
    text: """
      SELECT (claimed_at AT TIME ZONE 'UTC')::date, node, event_type, state, count(*) FROM eventdrop.events
      WHERE $1::text <> '' AND ($2::date IS NULL OR claimed_at >= $2::date AT TIME ZONE 'UTC')
        AND ($3::date IS NULL OR claimed_at < ($3::date + 1) AT TIME ZONE 'UTC')
      GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
      """)

  /// $2 an id, $3 how many.
  ///
  /// Returns the ids after it that this machine has stored, in order.
  static let stored = Statement(
    name: "stored",
    text: """
      SELECT event_id FROM eventdrop.events
      WHERE node = $1::text AND state NOT IN ('claimed', 'away') AND event_id > $2::text ORDER BY event_id LIMIT $3::bigint
      """)
}
