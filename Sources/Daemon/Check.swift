internal import Catalog
package import DurableFiles
internal import EventStore
package import Events
internal import Forwarding
internal import Glibc
package import Settings
internal import SystemPackage
package import Time

/// `eventdrop check`: tries what the configuration names.
///
/// It creates no folder, and no file that stays.
package enum Check {
  /// One thing that was tried.
  package struct Finding: Sendable {
    package enum Verdict: Sendable {
      case good
      /// It is valid, but hardly intended.
      case warning
      /// It cannot be used now, which says nothing about the configuration.
      case away
      case wrong
      /// The webhook did not accept the test event.
      case refused
    }

    package var verdict: Verdict
    /// The key that it is about.
    package var key: String
    package var message: Message

    init(_ verdict: Verdict, _ key: String, _ message: Message) {
      self.verdict = verdict
      self.key = key
      self.message = message
    }
  }

  /// Tries folders, permissions, disk space, the lock, the fleet's database, and the webhook's address.
  ///
  /// - Parameters:
  ///   - configuration: What to try.
  ///   - files: The system calls.
  ///   - sendsTestEvent: Whether to send an event to the webhook, which stores nothing here.
  /// - Returns: What was found.
  package static func run(
    _ configuration: Configuration, _ files: PatientFiles, sendsTestEvent: Bool = false
  ) async -> [Finding] {
    ProcessLimits.setMask(forFolderMode: configuration.store.layout.folderMode)
    var findings: [Finding] = []
    let folders =
      configuration.inboxes.enumerated().map { ("inboxes[\($0)].path", FolderCheck.name(of: $1), $1.path) } + [
        ("folders.processed", Message(said: "processed"), configuration.store.layout.processed),
        ("folders.retry", Message(said: "retry"), configuration.store.layout.retry),
        ("folders.failed", Message(said: "failed"), configuration.store.layout.failed),
        ("folders.state", Message(said: "state"), configuration.store.layout.state),
      ]
    let check = FolderCheck(files: files)
    for (key, name, path) in folders { findings.append(check.run(key, name, path, configuration.language)) }
    for (number, inbox) in configuration.inboxes.enumerated() {
      let key = "inboxes[\(number)].path"
      if let finding = check.tryClaim(key, inbox, state: configuration.store.layout.state) { findings.append(finding) }
    }
    findings += lock(configuration.store.layout.state, files)
    if let fleet = configuration.fleetOptions { findings += FleetCheck.run(fleet, configuration.store.layout, files) }
    if let options = configuration.forwarding(userAgent: Version.userAgent) {
      findings += await WebhookCheck.run(options, sendsTestEvent: sendsTestEvent)
    } else {
      findings.append(
        Finding(sendsTestEvent ? .refused : .good, "forward.url", Message(CheckMessage.noWebhook)))
    }
    return findings
  }

  /// Who works there; nothing if the folder cannot be opened, which has been reported already.
  private static func lock(_ path: FilePath, _ files: PatientFiles) -> [Finding] {
    let key = "folders.state"
    let state: Folder?
    do {
      state = try Folder.openingIfThere(path, files: files)
    } catch {
      return []
    }
    guard let state, FileLock.isHeld(FileName("lock"), in: state)
    else { return [Finding(.good, key, Message(CheckMessage.lockFree, ["path": .text(path.string)]))] }
    let process = FileLock.holder(FileName("lock"), in: state).map { "\($0)" } ?? "?"
    return [Finding(.good, key, Message(CheckMessage.lockHeld, ["process": .text(process)]))]
  }

  /// Settings that are valid but hardly intended: according to the file alone, and to this machine.
  ///
  /// - Parameters:
  ///   - configuration: What to look at.
  ///   - files: The system calls.
  ///   - now: The current time.
  /// - Returns: A warning for each, in the order of the file.
  package static func warnings(
    _ configuration: Configuration, _ files: PatientFiles, at now: Timestamp
  ) -> [Problem] {
    var found = configuration.warnings(at: now)
    for (key, command) in [
      ("retention.archive", configuration.retention.archive), ("notify.command", configuration.notify.command),
    ] {
      guard let command, let message = Self.doubt(about: command, files) else { continue }
      found.append(configuration.problem(at: key, message))
    }
    let tls = configuration.forward.tls
    for (key, path) in [("ca", tls.ca), ("certificate", tls.certificate), ("key", tls.key)] {
      guard let path, let error = Self.error(ofReading: path, files) else { continue }
      let why = Message.Value.text("\(error)")
      found.append(
        configuration.problem(at: "forward.tls.\(key)", Message(WarningMessage.unreadableFile, ["why": why])))
    }
    if let listen = configuration.admin.listen, ListenCheck.isOfOtherMachine(listen) {
      found.append(
        configuration.problem(
          at: "admin.listen", Message(WarningMessage.otherAddress, ["address": .text(listen.host)])))
    }
    found += FolderCheck(files: files).sameFolders(configuration)
    return found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  /// Why a command may not run; nil if it may.
  private static func doubt(about command: String, _ files: PatientFiles) -> Message? {
    do {
      guard let program = try ShellCommand.program(of: command, files) else { return nil }
      return Quotation.isHarmless(program)
        ? Message(WarningMessage.noProgram, ["program": .text(program)]) : Message(WarningMessage.noProgramHere)
    } catch {
      let why = Quotation.isHarmless(error.path) ? "\(error)" : "\(error.errno)"
      return Message(WarningMessage.unreadableFile, ["why": .text(why)])
    }
  }

  /// Why a file cannot be read; nil if it can.
  private static func error(ofReading path: FilePath, _ files: PatientFiles) -> Errno? {
    do {
      try files.expectAnswer(of: path.removingLastComponent())
    } catch {
      return error.errno
    }
    return access(path.string, R_OK) == 0 ? nil : Errno(rawValue: errno)
  }
}
