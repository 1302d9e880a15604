extension StatusMessage {
  package var english: MessageWords {
    switch self {
    case .well: "all is well"
    case .mendsItself: "mends itself"
    case .needsPerson: "needs a person"
    case .wellAndStopped: "all is well: eventdrop is not running, and nothing waits"
    case .verdict: "{state}: {text}{since| since #}{next|, tried again at #}{advice|; #}{more| (and # more)}"
    case .item: "{text}{since|, since #}{advice|; #}"
    case .missing:
      MessageWords(
        "{count|1 pending event has no record|# pending events have no record}",
        advice: "mount or move the folder of records back and restart; eventdrop list --status missing says which, and"
          + " eventdrop verify --forget-missing lets them go for good")
    case .failed:
      MessageWords(
        "{count|1 file|# files} in failed/",
        advice: "eventdrop list --status failed says why; then eventdrop reprocess ID, or eventdrop discard ID")
    case .failedOfReason:
      MessageWords(
        "{count|1 file has|# files have} failed ({reason}, inbox '{inbox}')", advice: "see eventdrop status")
    case .retry: "{count|1 file|# files} in retry/ will be tried again"
    case .notRunning:
      MessageWords(
        "eventdrop is not running, and {count|1 file or event waits|# files and events wait}",
        advice: "start it (eventdrop run)")
    case .circuitOpen: "the circuit is open, nothing is forwarded: {why}"
    case .batchNotTaken: "a batch was not taken: {why}"
    case .noReason: "the reason is not known"
    case .triedAgain: "it is tried again by itself; nobody is needed"
    case .silentWebhook: "the webhook asks for a pause"
    case .inboxHangs:
      MessageWords(
        "the inbox '{inbox}' does not answer ({path})",
        advice: "look at the file system of its folder; the others go on")
    case .inboxBlocked: "the inbox '{inbox}' cannot go on: {why}"
    case .inboxSilent:
      MessageWords("nothing comes into the inbox '{inbox}' any more", advice: "look at its sender")
    case .inboxNeverBrought:
      MessageWords("the inbox '{inbox}' has brought no event yet", advice: "look at its sender")
    case .fileSystemHangs: "its file system does not answer"
    case .waiting:
      "{count|1 file is|# files are} not taken from the inbox '{inbox}' ({reason}), {count||the oldest }'{name}'"
    case .claimed:
      MessageWords(
        "{count|1 file|# files} claimed from the inbox '{inbox}' {count|is|are} neither stored nor back in it, the first"
          + " '{name}'")
    case .claimedFromRetry:
      "{count|1 file|# files} claimed from retry/ {count|is|are} neither stored nor back in it, the first '{name}'"
    case .claimsGoOn: "they are stored or put back as the work goes on"
    case .claimsAtNextStart:
      MessageWords(
        "the next start of eventdrop stores them or puts them back; those of an inbox that is no longer in the"
          + " configuration go back to its folder, or to failed/")
    case .startForClaims: "start eventdrop (eventdrop run): {end}"
    case .pruneOfMoreThanHalf:
      MessageWords(
        "nothing is pruned: it would take {partitions} of {all} partitions, more than half",
        advice: "eventdrop prune --dry-run lists what would go; if that is right, run: eventdrop prune --yes")
    case .pruneWithClockAhead:
      MessageWords(
        "nothing is pruned: the clock says {now}, more than a day after the newest thing seen ({newest})",
        advice: "eventdrop prune --dry-run lists what would go; if the clock is right, run: eventdrop prune --yes")
    case .retryBlocked: "retry cannot go on: {why}"
    case .retentionBlocked: "retention cannot go on: {why}"
    case .formerInboxBlocked: "what was claimed from a former inbox cannot be put back: {why}"
    case .serviceBlocked: "{name} cannot go on: {why}"
    case .storeFails:
      MessageWords("the store cannot record what became of forwarded events", advice: "see the log")
    case .folderHangs: MessageWords("a folder does not answer: {path}", advice: "look at its file system")
    case .diskFull: "the disk is full: {why}"
    case .folderFails: "{why}"
    case .folderNotWritable: "the folder {name} cannot be written: {why}"
    case .nothingKnown:
      MessageWords(
        "the folders do not answer, so that nothing is known yet", advice: "look at their file systems")
    case .settling:
      MessageWords(
        "not complete yet: changed a moment ago", advice: "it is taken once it stops changing")
    case .open:
      MessageWords("still open in the program that writes", advice: "it is taken once its sender closes it")
    case .noMarker:
      MessageWords(
        "without the marker that says that it is complete", advice: "its sender, or a person, has to add the marker")
    case .noPattern:
      MessageWords(
        "of a name that the inbox does not take", advice: "rename it, take it away, or set the inbox's include")
    case .subFolder:
      MessageWords("a folder that is not looked into", advice: "move its files out, or set the inbox's recursive")
    case .unreadable:
      MessageWords(
        "cannot be read or moved", advice: "give this process's user the right to read it and to move it")
    case .noRoom:
      MessageWords("no room to store it", advice: "make room on the disk, or free inodes (df -h, df -i)")
    case .notReachable:
      MessageWords(
        "the folder does not answer", advice: "look at the file system of its folder; the others go on")
    case .fleetAway:
      MessageWords(
        "the fleet's database cannot be asked whose it is, or another machine has it in hand",
        advice: "look at the database of fleet.url, and at 'eventdrop fleet status'; it goes on by itself")
    case .makeRoom: "make room on the disk, or free inodes (df -h, df -i)"
    case .makeRoomForIt: "make room for it, or take it away"
    case .raiseQuota: "raise the quota, or make room"
    case .mountForWriting:
      "mount the file system for writing; the kernel's log says why it is read-only (dmesg)"
    case .raiseOpenFiles: "raise the limit of open files (ulimit -n, LimitNOFILE=)"
    case .giveRights: "give this process's user the right to read and write there"
    case .lookAtDisk: "look at the disk's health; the kernel's log has the details (dmesg)"
    case .lookAtFileSystem: "look at its file system: the server of a share may be away (findmnt, dmesg)"
    case .lookAtArchive: "look at what the command waits for"
    case .lookAtFleet:
      "look at the database of fleet.url, and at 'eventdrop fleet status'; drops wait, and it goes on by itself"
    case .databaseAway:
      MessageWords(
        "nothing new is stored, as the fleet's database cannot be asked: {why}",
        advice: "look at the database of fleet.url; drops wait in their inboxes, and it goes on by itself")
    case .databaseUnusable:
      MessageWords(
        "nothing new is stored, because the fleet's database is not usable: {why}",
        advice: "eventdrop check says what it lacks; drops wait in their inboxes")
    case .joiningFleet: "nothing new is stored yet: this machine is joining its fleet"
    case .fleetAwaits:
      MessageWords(
        "nothing new is stored, as the fleet's database was restored, and these machines have not put back what they have:"
          + " {nodes}",
        advice: "start them; for one that is never back: eventdrop fleet forget NODE")
    case .claimedTooLongAgo:
      "what was claimed in the fleet's database was not stored in time, and is claimed again"
    case .lookAtPath: "look at the path"
    case .folderReplaced: "a daemon turns to it by itself; otherwise run the command again"
    case .makeRoomForCatalog: "make room on the disk (df -h)"
    case .restartForCatalog:
      "restart eventdrop: it builds the catalog again from the tree, as a running daemon does by itself"
    case .giveRightsInState: "give this process's user the right to write in the state folder"
    case .rebuildCatalog:
      "stop eventdrop, remove state/catalog.sqlite, and start it again: the catalog is then built again from the tree"
    case .notification: "eventdrop on {title}: {text}{since|, since #}{advice|; #}"
    case .notificationOver: "eventdrop on {title}: it is over: {text}"
    case .notificationMore: "eventdrop status and the page say more."
    case .test: "this is a test; nothing is wrong"
    case .wayRecorded: "first recorded, from the inbox '{inbox}'"
    case .wayRewritten: "recorded as it is now"
    case .wayBack: "recorded again, back from retry ({reason})"
    case .wayAgain: "recorded again: somebody moved or dropped it"
    case .wayForwarded: "acknowledged by the webhook (HTTP {status}, batch {batch})"
    case .wayAttempt: "not forwarded (HTTP {status}, batch {batch}): {why}{response|; the answer: #}"
    case .wayNoAnswer: "not forwarded (no answer, batch {batch}): {why}"
    case .wayFailedFirst: "failed for the first time"
    case .wayFailed: "failed (attempt {attempt}): {reason}: {why}"
    case .wayNext: "is tried again"
    case .wayWaits: "pending"
    case .wayWaitsLonger: "pending, {attempts|1 attempt|# attempts} so far"
    case .wayPruned: "its record was pruned; its identity is kept, so a new drop of the event is a duplicate"
    case .noReport: "there is no readable report beside it"
    }
  }
}
