/// A statement that is prepared once per connection.
struct Statement {
  let name: String
  let text: String
}

// $1 is always this machine's name. Ids are locked in byte order, so that two machines never deadlock.
extension Statement {
  /// The machine's row, if it is this connection's and knows everything that the database knows; otherwise nothing is
  /// done.
  private static let counting = """
    WITH me AS (
      UPDATE eventdrop.nodes SET counter = counter + 1, seen_at = now()
      WHERE node = $1::text AND epoch = $2::bigint AND counter >= $3::bigint AND generation = (
        SELECT generation FROM eventdrop.fleet WHERE mark = eventdrop.mark())
    """

  private static let wanted = """
    wanted AS (
      SELECT * FROM unnest($4::text[], $5::bytea[], $6::text[], $7::text[])
        AS w (event_id, data_digest, event_type, inbox)
    )
    """

  private static let isTakeable = """
    e.state = 'claimed' AND (e.node = excluded.node OR e.claimed_until < now())
    """

  /// $2 epoch, $3 counter, $4 ids, $5 digests, $6 types, $7 inboxes, $8 how many seconds the claims last.
  ///
  /// Returns the counter, and for each id its owner, its state, and whether digest and type are the same; nothing if it
  /// did nothing. An empty type is unknown, and so counts as the same.
  static let claim = Statement(
    name: "claim",
    text: """
      \(counting) AND NOT EXISTS (
          SELECT FROM eventdrop.nodes AS other, eventdrop.fleet
          WHERE other.generation BETWEEN 1 AND fleet.generation - 1 AND NOT other.is_forgotten)
        RETURNING counter
      ), \(wanted), claimed AS (
        INSERT INTO eventdrop.events AS e
          (event_id, node, inbox, event_type, data_digest, state, claimed_at, claimed_until, state_at)
        SELECT w.event_id, $1::text, w.inbox, w.event_type, w.data_digest, 'claimed', now(),
          now() + make_interval(secs => $8::float8), now()
        FROM me CROSS JOIN wanted AS w ORDER BY w.event_id COLLATE "C"
        ON CONFLICT (event_id) DO UPDATE SET
          node = CASE WHEN \(isTakeable) THEN excluded.node ELSE e.node END,
          inbox = CASE WHEN \(isTakeable) THEN excluded.inbox ELSE e.inbox END,
          event_type = CASE WHEN \(isTakeable) THEN excluded.event_type ELSE e.event_type END,
          data_digest = CASE WHEN \(isTakeable) THEN excluded.data_digest ELSE e.data_digest END,
          claimed_at = CASE WHEN \(isTakeable) THEN excluded.claimed_at ELSE e.claimed_at END,
          claimed_until = CASE WHEN \(isTakeable) THEN excluded.claimed_until ELSE e.claimed_until END
        RETURNING e.event_id, e.node, e.state, e.data_digest, e.event_type
      )
      SELECT me.counter, c.event_id, c.node, c.state, c.data_digest = w.data_digest,
        c.event_type IN (w.event_type, '')
      FROM me LEFT JOIN claimed AS c ON true LEFT JOIN wanted AS w ON w.event_id = c.event_id
      """)

  /// $2 to $7 as above.
  ///
  /// Returns the counter, and each id that is now stored by this machine; nothing if it did nothing.
  static let store = Statement(
    name: "store",
    text: """
      \(counting)
        RETURNING counter
      ), \(wanted), held AS (
        SELECT w.* FROM me CROSS JOIN wanted AS w JOIN eventdrop.events AS e USING (event_id)
        WHERE e.node = $1::text ORDER BY e.event_id FOR UPDATE OF e
      ), stored AS (
        UPDATE eventdrop.events AS e SET
          state = 'pending', inbox = held.inbox, event_type = held.event_type, data_digest = held.data_digest,
          claimed_until = NULL, stored_at = now(), state_at = now()
        FROM held WHERE e.event_id = held.event_id AND e.node = $1::text
        RETURNING e.event_id
      )
      SELECT me.counter, s.event_id FROM me LEFT JOIN stored AS s ON true
      """)

  /// $2 to $7 as above, $8 states.
  ///
  /// Returns the counter, and each id that is now stored by this machine.
  ///
  /// It does not check the generation: a machine that puts back is behind. What it puts back takes precedence over
  /// claims.
  static let putBack = Statement(
    name: "putBack",
    text: """
      WITH me AS (
        UPDATE eventdrop.nodes SET counter = counter + 1, seen_at = now()
        WHERE node = $1::text AND epoch = $2::bigint AND counter >= $3::bigint
          AND EXISTS (SELECT FROM eventdrop.fleet WHERE mark = eventdrop.mark())
        RETURNING counter
      ), put AS (
        INSERT INTO eventdrop.events AS e
          (event_id, node, inbox, event_type, data_digest, state, claimed_at, stored_at, state_at)
        SELECT w.event_id, $1::text, w.inbox, w.event_type, w.data_digest, w.state, now(), now(), now()
        FROM me CROSS JOIN unnest($4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[])
          AS w (event_id, data_digest, event_type, inbox, state)
        ORDER BY w.event_id COLLATE "C"
        ON CONFLICT (event_id) DO UPDATE SET
          node = excluded.node, inbox = excluded.inbox, event_type = excluded.event_type,
          data_digest = excluded.data_digest, state = excluded.state, claimed_until = NULL,
          stored_at = excluded.stored_at, state_at = excluded.state_at
        WHERE e.state = 'claimed' OR e.node = excluded.node
        RETURNING e.event_id
      )
      SELECT me.counter, p.event_id FROM me LEFT JOIN put AS p ON true
      """)

  /// $2 ids.
  ///
  /// Returns those that this machine has stored.
  static let known = Statement(
    name: "known",
    text: """
      SELECT event_id FROM eventdrop.events
      WHERE event_id = ANY ($2::text[]) AND node = $1::text AND state <> 'claimed'
      """)

  /// $2 ids.
  ///
  /// Returns the owner of each, with digest and type.
  static let owners = Statement(
    name: "owners",
    text: """
      SELECT event_id, node, encode(data_digest, 'hex'), event_type FROM eventdrop.events
      WHERE event_id = ANY ($2::text[]) AND node <> $1::text
      """)

  /// $2 epoch, $3 counter; $4 how many records this machine has, and $5 how many of them are pending, or null for both.
  ///
  /// Returns the counter; nothing if this machine has to find out where it stands.
  static let look = Statement(
    name: "look",
    text: """
      UPDATE eventdrop.nodes
      SET seen_at = now(), records = coalesce($4::bigint, records), pending = coalesce($5::bigint, pending)
      WHERE node = $1::text AND epoch = $2::bigint AND counter >= $3::bigint AND generation = (
        SELECT generation FROM eventdrop.fleet WHERE mark = eventdrop.mark())
      RETURNING counter
      """)

  /// $2 ids, $3 states.
  ///
  /// Notes the states of events of this machine.
  static let follow = Statement(
    name: "follow",
    text: """
      WITH held AS (
        SELECT e.event_id, w.state FROM eventdrop.events AS e
        JOIN unnest($2::text[], $3::text[]) AS w (event_id, state) USING (event_id)
        WHERE e.node = $1::text AND e.state <> 'claimed' AND e.state <> w.state
        ORDER BY e.event_id FOR UPDATE OF e
      )
      UPDATE eventdrop.events AS e SET state = held.state, state_at = now() FROM held WHERE e.event_id = held.event_id
      """)
}

extension Statement {
  /// $2 seconds.
  ///
  /// Forgets, in one slice, what this machine stored longer ago than that, and what it claimed and never stored.
  static let forgetOld = Statement(
    name: "forgetOld",
    text: """
      WITH old AS (
        SELECT event_id FROM eventdrop.events
        WHERE claimed_at < now() - make_interval(secs => $2::float8) AND node = $1::text
          AND (state IN ('forwarded', 'away') OR state = 'claimed' AND claimed_until < now()) LIMIT 5000
      ), gone AS (
        DELETE FROM eventdrop.events AS e USING old WHERE e.event_id = old.event_id AND e.node = $1::text RETURNING 1
      )
      SELECT count(*) FROM gone
      """)
}

// Where a machine stands.
extension Statement {
  /// Returns version, generation and whether the mark is the database's own.
  static let fleet = Statement(
    name: "fleet", text: "SELECT version, generation, mark = eventdrop.mark() FROM eventdrop.fleet WHERE $1::text <> ''"
  )

  /// $2 the tree.
  ///
  /// Begins an epoch of this machine, unless another tree had its name a moment ago.
  ///
  /// Returns epoch, counter and generation.
  static let begin = Statement(
    name: "begin",
    text: """
      INSERT INTO eventdrop.nodes AS n (node, tree, epoch, counter, generation) VALUES ($1::text, $2::text, 1, 0, 0)
      ON CONFLICT (node) DO UPDATE
        SET tree = excluded.tree, epoch = n.epoch + 1, seen_at = now(), is_forgotten = false
        WHERE n.tree IN (excluded.tree, '') OR n.seen_at < now() - interval '1 minute'
      RETURNING epoch, counter, generation
      """)

  /// $2 machines.
  ///
  /// Makes all machines wait for those that the database has forgotten.
  static let remember = Statement(
    name: "remember",
    text: """
      INSERT INTO eventdrop.nodes AS n (node, tree, epoch, counter, generation)
      SELECT w, '', 0, 0, 1 FROM unnest($2::text[]) AS w WHERE w <> $1::text
      ON CONFLICT (node) DO UPDATE SET generation = 1 WHERE n.generation = 0
      """)

  /// $2 generation.
  ///
  /// Notes that the database has forgotten something, unless another machine has.
  static let raise = Statement(
    name: "raise",
    text: """
      UPDATE eventdrop.fleet SET mark = eventdrop.mark(), generation = generation + 1
      WHERE generation = $2::bigint AND $1::text <> ''
      """)

  /// $2 epoch, $3 counter, $4 generation.
  ///
  /// This machine has put back everything that the database may have forgotten until then.
  static let finish = Statement(
    name: "finish",
    text: """
      UPDATE eventdrop.nodes SET generation = $4::bigint, counter = counter + 1
      WHERE node = $1::text AND epoch = $2::bigint AND counter >= $3::bigint
        AND EXISTS (SELECT FROM eventdrop.fleet WHERE mark = eventdrop.mark() AND generation = $4::bigint)
      RETURNING counter
      """)

  /// Returns the machines that have not put back yet.
  static let awaited = Statement(
    name: "awaited",
    text: """
      SELECT other.node FROM eventdrop.nodes AS other, eventdrop.fleet
      WHERE other.generation BETWEEN 1 AND fleet.generation - 1 AND NOT other.is_forgotten AND other.node <> $1::text
      ORDER BY 1
      """)
}
