-- Views of eventdrop's tree for DuckDB. Start it in the folder `processed`:
--
--   cd /var/lib/eventdrop/processed && duckdb -init /usr/share/eventdrop/lake/tree.sql
--
-- The variable `days` limits which days are read, such as SET VARIABLE days = '2026-11-*'. Times are in UTC.
SET VARIABLE days = coalesce(getvariable('days'), '????-??-??');

-- A row for each record. `record` and `data` are the bytes of the file; `attributes` is JSON. A file that is not a
-- record has only `day`, `name` and `record`.
CREATE OR REPLACE TEMP VIEW records AS
WITH files AS (
  SELECT
    split_part(filename, '/', 1)::DATE AS day,
    split_part(filename, '/', 2) AS name,
    regexp_replace(content, '\n$', '') AS record
  FROM read_text(getvariable('days') || '/*.json')
), members AS (
  SELECT
    *,
    -- No text before it can contain `,"data":`, since its quotes would be escaped; `data` and `attributes` can contain
    -- anything, even a record.
    regexp_extract(record, '(?s),"data":(.*?),"createdAt":"[^"]{24}","updatedAt":"[^"]{24}",(?:"attributes"|"source"):\{', 1) AS shortest,
    CASE WHEN json_valid(record) THEN from_json(record, '{
      "eventId": "VARCHAR", "eventType": "VARCHAR", "processedAt": "VARCHAR", "createdAt": "VARCHAR",
      "updatedAt": "VARCHAR", "attributes": "JSON",
      "source": {"inbox": "VARCHAR", "file": "VARCHAR", "sha256": "VARCHAR", "bytes": "BIGINT", "index": "BIGINT"}
    }') END AS member
  FROM files
)
SELECT
  day,
  name,
  member.eventId AS eventId,
  member.eventType AS eventType,
  TRY_CAST(member.processedAt AS TIMESTAMP) AS processedAt,
  CASE WHEN json_valid(shortest) THEN shortest
    -- NULL if both contain one.
    ELSE list_filter([
      regexp_extract(record, '(?s),"data":(.*),"createdAt":"[^"]{24}","updatedAt":"[^"]{24}",(?:"attributes"|"source"):\{', 1)],
      lambda longest: json_valid(longest))[1]
  END AS data,
  TRY_CAST(member.createdAt AS TIMESTAMP) AS createdAt,
  TRY_CAST(member.updatedAt AS TIMESTAMP) AS updatedAt,
  member.attributes AS attributes,
  member.source AS source,
  record
FROM members;

-- A pattern without a file would be an error, and before the first acknowledgement there is no journal.
SET VARIABLE journals = (SELECT coalesce(list(file), ['/dev/null']) FROM glob(getvariable('days') || '/forwards.jsonl'));

-- A row for each acknowledged event. The last line of a journal can be half a line after a power cut; it does not count.
CREATE OR REPLACE TEMP VIEW forwards AS
SELECT
  split_part(filename, '/', 1)::DATE AS day,
  unnest(eventIds) AS eventId,
  TRY_CAST(forwardedAt AS TIMESTAMP) AS forwardedAt,
  status,
  batchId
FROM read_ndjson(
  getvariable('journals'), filename = true, ignore_errors = true,
  columns = {batchId: 'VARCHAR', forwardedAt: 'VARCHAR', status: 'INTEGER', eventIds: 'VARCHAR[]'})
WHERE split_part(filename, '/', 1) GLOB getvariable('days');
