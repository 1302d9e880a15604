/// What the commands that change something print: reprocess, discard, flush, prune, import and notify.
package enum ActionMessage: String, MessageCode {
  // reprocess and discard.
  case moved = "action-moved"
  case wouldMove = "action-would-move"
  case movedRecord = "action-moved-record"
  case wouldMoveRecord = "action-would-move-record"
  case gone = "action-gone"
  case notMoved = "action-not-moved"
  case noInbox = "not-moved-no-inbox"
  case notTakenThere = "not-moved-name-not-taken"
  case otherFileSystem = "not-moved-other-file-system"
  case otherThanState = "not-moved-other-than-state"
  case noFile = "no-file-to-move"
  case noConflict = "no-file-in-conflict-to-move"
  case noFailedFile = "no-failed-file"
  case noFiles = "no-such-files"
  // flush.
  case flushed = "daemon-flushes"
  case noDaemon = "daemon-missing"
  case notHeard = "daemon-did-not-hear"
  // prune.
  case pruned = "action-pruned"
  case wouldPrune = "action-would-prune"
  case kept = "partition-kept"
  case pendingEvents = "partition-has-pending-events"
  case unknownRecords = "partition-has-unknown-records"
  case unreadableFiles = "partition-has-unreadable-files"
  case nothingOld = "nothing-old-enough"
  case nothingPruned = "nothing-pruned"
  case moreThanHalf = "prune-more-than-half"
  case clockAhead = "prune-clock-ahead"
  // notify.
  case sent = "channel-sent"
  case notSent = "channel-not-sent"
  case noChannel = "no-channel"
  case givenUp = "channel-given-up"
  case notEnded = "channel-not-ended"
  case answers = "channel-answers"
  // A command of the operator's.
  case shellFails = "command-shell-fails"
  case endNotSeen = "command-end-not-seen"
  case endedEarly = "command-ended-early"
  case endedBySignal = "command-ended-by-signal"
  case endedWith = "command-ended-with"

  package var arguments: [String] {
    switch self {
    case .moved, .wouldMove, .movedRecord, .wouldMoveRecord: ["from", "to"]
    case .gone: ["path"]
    case .notMoved: ["path", "why"]
    case .notTakenThere: ["inbox"]
    case .noFile, .noConflict: ["eventId", "command"]
    case .noFailedFile: ["subject", "command"]
    case .noDaemon: ["state", "command"]
    case .pruned, .wouldPrune: ["date"]
    case .kept: ["date", "why"]
    case .pendingEvents, .unknownRecords, .unreadableFiles: ["count"]
    case .nothingPruned: ["why"]
    case .moreThanHalf: ["partitions", "all"]
    case .clockAhead: ["now", "newest"]
    case .answers: ["status"]
    case .shellFails: ["why"]
    case .endedBySignal: ["signal"]
    case .endedWith: ["code"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .moved: "moved {from} to {to}"
    case .wouldMove: "would move {from} to {to}"
    case .movedRecord: "moved the record {from} to {to}"
    case .wouldMoveRecord: "would move the record {from} to {to}"
    case .gone: "gone already: {path}"
    case .notMoved: "not moved: {path}: {why}"
    case .noInbox: "there is no inbox"
    case .notTakenThere:
      MessageWords(
        "the inbox '{inbox}' takes no file of this name (include, exclude)", advice: "rename it by mv")
    case .otherFileSystem: "it is not a regular file, and the inbox lies on another file system"
    case .otherThanState: "it is not a regular file, and the folder 'state' lies on another file system"
    case .noFile:
      MessageWords(
        "event '{eventId}' has no file that could be moved", advice: "{command} shows what is known about it")
    case .noConflict:
      MessageWords(
        "event '{eventId}' has no file in conflict that could be moved",
        advice: "{command} shows what is known about it")
    case .noFailedFile:
      MessageWords("there is no failed file of '{subject}'", advice: "{command} shows which there are")
    case .noFiles: "no such files"
    case .flushed: "the daemon probes the webhook, tries what is due, and looks into the inboxes now"
    case .noDaemon: MessageWords("no eventdrop works on {state}", advice: "start one with {command}")
    case .notHeard: MessageWords("the daemon did not hear it within 10s", advice: "see its log")
    case .pruned: "pruned {date}"
    case .wouldPrune: "would prune {date}"
    case .kept: "kept {date}: {why}"
    case .pendingEvents:
      MessageWords("{count} of its events are pending", advice: "it goes once n8n has acknowledged them")
    case .unknownRecords:
      MessageWords(
        "{count} of its records are pending, and the catalog does not know them",
        advice: "restart eventdrop: it takes them up and forwards them; or move them away")
    case .unreadableFiles:
      MessageWords(
        "{count} of its files cannot be read", advice: "let eventdrop's user read them, or move them away")
    case .nothingOld: "nothing is old enough"
    case .nothingPruned: "nothing was pruned: {why}"
    case .moreThanHalf:
      MessageWords(
        "it would take {partitions} of {all} partitions, more than half",
        advice: "if that is right, run: eventdrop prune --yes")
    case .clockAhead:
      MessageWords(
        "the clock says {now}, more than a day after the newest thing seen ({newest})",
        advice: "if the clock is right, run: eventdrop prune --yes")
    case .sent: "sent"
    case .notSent: "failed"
    case .noChannel: "the configuration has no notify.command, notify.webhook or notify.mail"
    case .givenUp: "it was given up"
    case .notEnded: "it did not end within half a minute"
    case .answers: "it answers {status}"
    case .shellFails: "the shell cannot be run: {why}"
    case .endNotSeen: "its end was not seen"
    case .endedEarly: "it was ended before it was done"
    case .endedBySignal: "signal {signal} ended it"
    case .endedWith: "it ended with {code}"
    }
  }
}
