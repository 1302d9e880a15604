/// What each metric means, for `# HELP`; named by Prometheus' conventions: base units, `_total` for counters.
enum MetricNames {
  static let help: [String: String] = [
    "eventdrop_build_info": "The version that runs; always 1.",
    "eventdrop_ready": "1 if everything works, 0 if /readyz says what does not.",
    "eventdrop_fleet_ready":
      "1 if the identities that several machines share can be asked for, 0 if drops wait for them.",
    "eventdrop_admin_wrong_tokens_total": "Wrong tokens that were given for the page.",
    "eventdrop_circuit_open": "1 while nothing is sent but probes.",
    "eventdrop_circuit_openings_total": "How often sending was suspended.",
    "eventdrop_inbox_files": "Files that lie in an inbox.",
    "eventdrop_inbox_waiting_files": "Files of an inbox that its last look did not take, by reason.",
    "eventdrop_inbox_waiting_oldest_age_seconds": "How long the oldest of them has lain there; 0 if there are none.",
    "eventdrop_inbox_ready":
      "1 if an inbox is worked on, 0 if it cannot go on or its file system does not answer.",
    "eventdrop_inbox_last_arrival_timestamp_seconds":
      "When something last arrived in an inbox, as far as the tree shows.",
    "eventdrop_claimed_files": "Files that are claimed: taken out of an inbox, and neither stored nor back in it.",
    "eventdrop_claimed_oldest_age_seconds": "For how long the first of them has been claimed; 0 if none is.",
    "eventdrop_failed_files": "Failed files by folder, inbox and reason.",
    "eventdrop_folder_files": "Files that wait in retry and failed.",
    "eventdrop_missing_events": "Pending events whose records are not where they should be; not counted as pending.",
    "eventdrop_pending_events": "Stored events that the webhook has not acknowledged.",
    "eventdrop_oldest_pending_age_seconds": "How long the oldest pending event has waited; 0 if none does.",
    "eventdrop_records": "Records in all partitions.",
    "eventdrop_record_bytes": "Bytes of records in all partitions.",
    "eventdrop_partitions": "Partitions: days with records.",
    "eventdrop_disk_free_bytes": "What is left on the file system of a folder.",
    "eventdrop_disk_size_bytes": "The size of the file system of a folder.",
    "eventdrop_last_drop_timestamp_seconds": "When a drop was last worked through; 0 if none was since the start.",
    "eventdrop_drops_total": "Files that were taken from an inbox and worked through.",
    "eventdrop_events_total": "What became of dropped events: stored, duplicate, retry, failed.",
    "eventdrop_retries_total": "What became of files that came back from retry: stored, duplicate, retry, failed.",
    "eventdrop_store_duration_seconds": "How long it took to store a portion of events, on disk.",
    "eventdrop_forward_requests_total": "Requests to the webhook, by what came of them: acknowledged, failed.",
    "eventdrop_forward_events_total": "What became of sent events: acknowledged, refused, undelivered.",
    "eventdrop_forward_duration_seconds": "How long a request to the webhook took.",
    "eventdrop_forward_delay_seconds": "How long an event waited from being stored to being acknowledged.",
    "process_cpu_seconds_total": "Processor time that the process has used, in user and system mode.",
    "process_start_time_seconds": "When the process began, in seconds since 1970.",
    "process_resident_memory_max_bytes": "The most memory that the process has had resident.",
  ]
}
