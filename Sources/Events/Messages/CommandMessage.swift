/// Headings, labels and short answers of commands.
///
/// The words that people give to options (`pending`, `failed`, reasons) are the same in every language.
package enum CommandMessage: String, MessageCode {
  // status.
  case running = "daemon-running"
  case notRunning = "daemon-not-running"
  case inbox = "label-inbox"
  case inboxPlace = "inbox-place"
  case waitingFiles = "inbox-files-waiting"
  case waitingFolders = "inbox-folders-waiting"
  case pending = "label-pending"
  case missing = "label-missing"
  case forwarded = "label-forwarded"
  case claimed = "label-claimed"
  case unknown = "label-unknown"
  case oldestPending = "oldest-pending"
  case recordsMissing = "records-missing"
  case lastAcknowledged = "last-acknowledged"
  case claimedFiles = "claimed-files"
  case claimedFilesOfRetry = "claimed-files-of-retry"
  case webhookUnseen = "webhook-unseen"
  case webhookMissing = "webhook-missing"
  case webhookOfDaemon = "webhook-of-daemon"
  case closed = "circuit-closed"
  case silent = "circuit-silent"
  case attempt = "circuit-attempt"
  case open = "circuit-is-open"
  case next = "label-next"
  case never = "label-never"
  case runRetry = "run-retry"
  case runForward = "run-forward"
  case runRetention = "run-retention"
  case partitions = "label-partitions"
  case partitionSums = "partition-sums"
  case records = "count-of-records"
  case pendingCount = "count-of-pending"
  case failures = "label-failures"
  case failureGroup = "failure-group"
  case moreFiles = "more-files"
  // Tables.
  case time = "heading-time"
  case status = "heading-status"
  case place = "heading-where"
  case day = "heading-day"
  case events = "heading-events"
  case size = "heading-size"
  case member = "heading-member"
  case record = "heading-record"
  case file = "heading-file"
  case nothing = "label-none"
  case noSuchEvents = "no-such-events"
  case noEvents = "no-events"
  case moreEvents = "more-events"
  // One event.
  case unknownEvent = "unknown-event"
  case noRecord = "nothing-to-compare-with"
  case noFile = "no-file-in-conflict"
  case noEventInFile = "no-event-in-file"
  case fileOpen = "file-being-written"
  case sameContent = "record-and-file-are-the-same"
  case ifFileIsRight = "if-file-is-right"
  case ifRecordIsRight = "if-record-is-right"
  // verify.
  case mended = "label-mended"
  case nothingStored = "nothing-stored"
  case claimedCount = "count-of-claimed"
  case verified = "verified"
  case verifiedWell = "verified-well"
  // Other commands.
  case otherRuns = "another-eventdrop-runs"
  case standsAlone = "fleet-not-set"
  case reindexed = "records-reindexed"
  // fleet.
  case machine = "heading-machine"
  case lastSeen = "heading-last-seen"
  case recordCount = "heading-records"
  case pendingEvents = "heading-pending"
  case counter = "heading-counter"
  case ago = "time-ago"
  case tablesReady = "fleet-tables-ready"
  case noMachine = "fleet-no-such-machine"
  case machineForgotten = "fleet-machine-forgotten"

  package var arguments: [String] {
    switch self {
    case .running: ["process"]
    case .inbox: ["inbox"]
    case .inboxPlace: ["path", "last"]
    case .waitingFiles, .waitingFolders: ["reason", "count", "text", "name", "since", "advice"]
    case .oldestPending, .lastAcknowledged: ["time"]
    case .claimedFiles: ["inbox", "count", "name", "since"]
    case .claimedFilesOfRetry: ["count", "name", "since"]
    case .silent, .attempt: ["time", "why"]
    case .open: ["since", "next", "why"]
    case .partitionSums: ["partitions", "records", "size"]
    case .records: ["records"]
    case .pendingCount, .moreFiles, .claimedCount: ["count"]
    case .failureGroup: ["count", "inbox", "newest"]
    case .moreEvents: ["cursor"]
    case .unknownEvent: ["eventId", "command"]
    case .noRecord, .noFile: ["eventId"]
    case .noEventInFile, .fileOpen: ["file"]
    case .ifFileIsRight, .ifRecordIsRight: ["command"]
    case .verified: ["records", "partitions", "acknowledgements", "claimed", "findings", "mended"]
    case .verifiedWell: ["records", "partitions", "acknowledgements", "claimed"]
    case .otherRuns: ["process", "state"]
    case .reindexed: ["records", "time", "rate"]
    case .ago: ["time"]
    case .noMachine: ["name", "command"]
    case .machineForgotten: ["name"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .running: "running (process {process})"
    case .notRunning: "not running"
    case .inbox: "inbox {inbox}"
    case .inboxPlace: "in {path}{last|, the last arrival at #}"
    case .waitingFiles:
      "{reason}: {count|1 file|# files}, {text}; the oldest is {name}, since {since}{advice|; #}"
    case .waitingFolders:
      "{reason}: {count|1 folder|# folders}, {text}; the oldest is {name}, since {since}{advice|; #}"
    case .pending: "pending"
    case .missing: "missing"
    case .forwarded: "forwarded"
    case .claimed: "claimed"
    case .unknown: "unknown"
    case .oldestPending: "the oldest since {time}"
    case .recordsMissing: "pending, and their records are not there"
    case .lastAcknowledged: "the last acknowledged at {time}"
    case .claimedFiles: "from the inbox '{inbox}': {count|1 file|# files}; the first is {name}, since {since}"
    case .claimedFilesOfRetry: "from retry/: {count|1 file|# files}; the first is {name}, since {since}"
    case .webhookUnseen: "not known here: forward.url names a variable or a file that only the daemon has"
    case .webhookMissing: "none: events are stored and wait as pending"
    case .webhookOfDaemon: "not known here: only the daemon was given one"
    case .closed: "closed"
    case .silent: "closed; nothing is sent until {time}{why|: #}"
    case .attempt: "closed; next attempt {time}{why|: #}"
    case .open: "open{since| since #}{next|, next probe #}{why|: #}"
    case .next: "next"
    case .never: "never"
    case .runRetry: "retry"
    case .runForward: "forward"
    case .runRetention: "retention"
    case .partitions: "partitions"
    case .partitionSums: "{partitions}, {records|1 record|# records}, {size}"
    case .records: "{records|1 record|# records}"
    case .pendingCount: "{count} pending"
    case .failures: "failures"
    case .failureGroup: "{count|1 file|# files}{inbox|, inbox #}{newest|, the latest at #}"
    case .moreFiles: "and {count} more"
    case .time: "time"
    case .status: "status"
    case .place: "where"
    case .day: "day"
    case .events: "events"
    case .size: "size"
    case .member: "member"
    case .record: "record"
    case .file: "file"
    case .nothing: "(none)"
    case .noSuchEvents: "no such events"
    case .noEvents: "no events"
    case .moreEvents: "there are more; the next ones: the same with --cursor {cursor}"
    case .unknownEvent: "nothing is known about an event '{eventId}'; {command} shows which there are"
    case .noRecord: "there is no record of the event '{eventId}' to compare its file with"
    case .noFile: "no file of the event '{eventId}' lies in retry/ or failed/; there is no conflict"
    case .noEventInFile: "there is no event in the file {file}"
    case .fileOpen: "somebody is writing to the file {file}"
    case .sameContent: "eventType, data and attributes are the same"
    case .ifFileIsRight: "if the file is the right one: {command}"
    case .ifRecordIsRight: "if the record is the right one: {command}"
    case .mended: "mended"
    case .nothingStored: "nothing is stored yet"
    case .claimedCount: "{count|1 claimed file|# claimed files}"
    case .verified:
      MessageWords(
        "{records|1 record|# records} in {partitions|1 partition|# partitions},"
          + " {acknowledgements|1 acknowledgement|# acknowledgements}{claimed|, #}:"
          + " {findings|1 finding|# findings}{mended|, # of which are mended}")
    case .verifiedWell:
      MessageWords(
        "{records|1 record|# records} in {partitions|1 partition|# partitions},"
          + " {acknowledgements|1 acknowledgement|# acknowledgements}{claimed|, #}: all is well")
    case .otherRuns:
      MessageWords(
        "another eventdrop{process| (process #)} works on {state}",
        advice: "stop it, or set standby: true to wait for it")
    case .standsAlone: "fleet.url is not set: this machine stands alone"
    case .reindexed: "{records|1 record|# records} in {time}, {rate} a second"
    case .machine: "machine"
    case .lastSeen: "last seen"
    case .recordCount: "records"
    case .pendingEvents: "pending"
    case .counter: "counter"
    case .ago: "{time} ago"
    case .tablesReady: "the tables are ready; each machine joins when it starts"
    case .noMachine: MessageWords("no machine has the name '{name}'", advice: "{command} lists them")
    case .machineForgotten: "the other machines no longer wait for '{name}'"
    }
  }
}
