/// How eventdrop is doing, and what a person can do about it.
package enum StatusMessage: String, MessageCode {
  // Verdicts.
  case well = "state-well"
  case mendsItself = "state-mends-itself"
  case needsPerson = "state-needs-person"
  case wellAndStopped = "state-well-and-stopped"
  case verdict = "verdict"
  case item = "verdict-item"
  // What is wrong.
  case missing = "events-missing"
  case failed = "files-failed"
  case failedOfReason = "files-failed-of-reason"
  case retry = "files-in-retry"
  case notRunning = "not-running"
  case circuitOpen = "circuit-open"
  case batchNotTaken = "batch-not-taken"
  case noReason = "no-reason-known"
  case triedAgain = "tried-again-by-itself"
  case silentWebhook = "webhook-wants-silence"
  case inboxHangs = "inbox-does-not-answer"
  case inboxBlocked = "inbox-blocked"
  case inboxSilent = "inbox-silent"
  case inboxNeverBrought = "inbox-silent-from-the-first"
  case fileSystemHangs = "file-system-does-not-answer"
  case waiting = "files-not-taken"
  case claimed = "files-claimed"
  case claimedFromRetry = "files-claimed-from-retry"
  case claimsGoOn = "claims-go-on"
  case claimsAtNextStart = "claims-at-next-start"
  case startForClaims = "start-for-claims"
  case pruneOfMoreThanHalf = "prune-of-more-than-half"
  case pruneWithClockAhead = "prune-with-clock-ahead"
  case retryBlocked = "retry-blocked"
  case retentionBlocked = "retention-blocked"
  case formerInboxBlocked = "former-inbox-blocked"
  case serviceBlocked = "service-blocked"
  case storeFails = "store-fails"
  case folderHangs = "folder-does-not-answer"
  case diskFull = "disk-full"
  case folderFails = "folder-fails"
  case folderNotWritable = "folder-not-writable"
  case nothingKnown = "nothing-known-yet"
  // Why files wait, and until when.
  case settling = "waiting-settling"
  case open = "waiting-open"
  case noMarker = "waiting-no-marker"
  case noPattern = "waiting-no-pattern"
  case subFolder = "waiting-sub-folder"
  case unreadable = "waiting-unreadable"
  case noRoom = "waiting-no-room"
  case notReachable = "waiting-not-reachable"
  case fleetAway = "waiting-fleet-away"
  // What helps against errors of files and of the catalog.
  case makeRoom = "make-room"
  case makeRoomForIt = "make-room-for-it"
  case raiseQuota = "raise-quota"
  case mountForWriting = "mount-for-writing"
  case raiseOpenFiles = "raise-limit-of-open-files"
  case giveRights = "give-rights"
  case lookAtDisk = "look-at-disk"
  case lookAtFileSystem = "look-at-file-system"
  case lookAtPath = "look-at-path"
  case lookAtArchive = "look-at-archive-command"
  case lookAtFleet = "look-at-fleet"
  // Why the identities shared by several machines are not available.
  case databaseAway = "fleet-database-away"
  case databaseUnusable = "fleet-database-unusable"
  case joiningFleet = "fleet-joining"
  case fleetAwaits = "fleet-awaits"
  case claimedTooLongAgo = "fleet-claim-late"
  case folderReplaced = "run-again-after-folder-replaced"
  case makeRoomForCatalog = "make-room-for-catalog"
  case restartForCatalog = "restart-for-catalog"
  case giveRightsInState = "give-rights-in-state"
  case rebuildCatalog = "rebuild-catalog"
  // Notifications.
  case notification = "notification"
  case notificationOver = "notification-over"
  case notificationMore = "notification-more"
  case test = "notification-test"
  // An event's history.
  case wayRecorded = "way-first-recorded"
  case wayRewritten = "way-recorded-as-now"
  case wayBack = "way-recorded-after-retry"
  case wayAgain = "way-recorded-again"
  case wayForwarded = "way-acknowledged"
  case wayAttempt = "way-not-forwarded"
  case wayNoAnswer = "way-not-forwarded-no-answer"
  case wayFailedFirst = "way-failed-first"
  case wayFailed = "way-failed"
  case wayNext = "way-tried-again"
  case wayWaits = "way-waits"
  case wayWaitsLonger = "way-waits-after-attempts"
  case wayPruned = "way-pruned"
  case noReport = "no-report"

  package var arguments: [String] {
    switch self {
    case .verdict: ["state", "text", "since", "next", "advice", "more"]
    case .item: ["text", "since", "advice"]
    case .missing, .failed, .retry, .notRunning: ["count"]
    case .failedOfReason: ["count", "reason", "inbox"]
    case .circuitOpen, .batchNotTaken, .diskFull, .folderFails, .retryBlocked, .retentionBlocked, .formerInboxBlocked,
      .databaseAway,
      .databaseUnusable:
      ["why"]
    case .claimed: ["count", "inbox", "name"]
    case .claimedFromRetry: ["count", "name"]
    case .startForClaims: ["end"]
    case .pruneOfMoreThanHalf: ["partitions", "all"]
    case .pruneWithClockAhead: ["now", "newest"]
    case .inboxHangs: ["inbox", "path"]
    case .inboxBlocked: ["inbox", "why"]
    case .inboxSilent, .inboxNeverBrought, .wayRecorded: ["inbox"]
    case .waiting: ["count", "inbox", "reason", "name"]
    case .serviceBlocked, .folderNotWritable: ["name", "why"]
    case .folderHangs: ["path"]
    case .fleetAwaits: ["nodes"]
    case .notification: ["title", "text", "since", "advice"]
    case .notificationOver: ["title", "text"]
    case .wayBack: ["reason"]
    case .wayForwarded: ["status", "batch"]
    case .wayAttempt: ["status", "batch", "why", "response"]
    case .wayNoAnswer: ["batch", "why"]
    case .wayFailed: ["attempt", "reason", "why"]
    case .wayWaitsLonger: ["attempts"]
    default: []
    }
  }
}
