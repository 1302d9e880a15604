internal import DurableFiles
internal import EventStore
internal import Forwarding
internal import Glibc
package import Settings
internal import SystemPackage
package import Time

/// `eventdrop check`: tries what the configuration names.
///
/// It makes no folder, and no file that stays.
package enum Check {
  /// One thing that was tried.
  package struct Finding: Sendable {
    package enum Verdict: Sendable {
      case good
      /// It is valid, and hardly meant.
      case warning
      /// It cannot be used now, which says nothing of the configuration.
      case away
      case wrong
      /// The webhook did not take the test event.
      case refused
    }

    package var verdict: Verdict
    /// The key that it is about.
    package var key: String
    package var text: String

    init(_ verdict: Verdict, _ key: String, _ text: String) {
      self.verdict = verdict
      self.key = key
      self.text = text
    }
  }

  /// Tries folders, permissions, disk space, the lock, and the webhook's address.
  ///
  /// - Parameters:
  ///   - configuration: What is tried.
  ///   - sendsTestEvent: Whether an event is sent to the webhook, which stores nothing here.
  /// - Returns: What was found.
  package static func run(_ configuration: Configuration, sendsTestEvent: Bool = false) async -> [Finding] {
    ProcessLimits.setMask(forFolderMode: configuration.folders.mode)
    var findings: [Finding] = []
    let folders =
      configuration.inboxes.enumerated().map { ("inboxes[\($0)].path", "inbox '\($1.name)'", $1.path) } + [
        ("folders.processed", "processed", configuration.folders.processed),
        ("folders.retry", "retry", configuration.folders.retry),
        ("folders.failed", "failed", configuration.folders.failed),
        ("folders.state", "state", configuration.folders.state),
      ]
    for (key, name, path) in folders { findings.append(FolderCheck.run(key, name, path)) }
    for (number, inbox) in configuration.inboxes.enumerated() {
      let key = "inboxes[\(number)].path"
      if let finding = FolderCheck.tryClaim(key, inbox, state: configuration.folders.state) { findings.append(finding) }
    }
    findings.append(lock(configuration.folders.state))
    if let options = configuration.forwardingOptions {
      findings += await webhook(options, sendsTestEvent: sendsTestEvent)
    } else {
      findings.append(
        Finding(
          sendsTestEvent ? .refused : .good, "forward.url", "webhook: none; events are stored and wait as pending"))
    }
    return findings
  }

  private static func webhook(_ options: ForwardingOptions, sendsTestEvent: Bool) async -> [Finding] {
    let key = "forward.url"
    let client = CurlClient(options)
    if let failure = await client.connect() {
      let text =
        "the webhook \(options.address) cannot be reached now: \(failure.message). Look at \(failure.place), and whether"
        + " n8n runs; events wait as pending until then"
      return [Finding(sendsTestEvent ? .refused : .away, key, text)]
    }
    var findings = [Finding(.good, key, "webhook \(options.address): can be reached")]
    findings.append(workflow(await WebhookInquiry.ask(client, options), key))
    guard sendsTestEvent else { return findings }
    if let trouble = await TestEvent.send(options) {
      findings.append(
        Finding(.refused, key, "webhook \(options.address): the test event was not taken: \(trouble)"))
    } else {
      findings.append(
        Finding(
          .good, key, "webhook \(options.address): took one test event, of the eventType '\(TestEvent.eventType)'"))
    }
    return findings
  }

  /// What n8n says of the workflow, without an event being sent.
  private static func workflow(_ told: WebhookInquiry, _ key: String) -> Finding {
    switch told {
    case .takesPOST: Finding(.good, key, "workflow: active at this path, and takes POST")
    case .takesOnly(let methods):
      Finding(
        .warning, key,
        "the workflow takes \(methods.joined(separator: ", ")) only, no POST; set the Webhook node's HTTP method to POST"
      )
    case .notRegistered:
      Finding(
        .warning, key,
        "n8n says that no active workflow has this path; activate the workflow, and compare the address with the"
          + " Webhook node's production URL; within a minute of n8n's start, check again")
    case .startingUp: Finding(.good, key, "workflow: n8n is starting up; check again in a minute")
    case .nothingThere:
      Finding(
        .warning, key,
        "there is nothing at this address: n8n is starting up, or this is not a webhook's path; check again in a minute, and"
          + " compare the address with the Webhook node's production URL")
    case .unknown:
      Finding(
        .good, key,
        "workflow: what answers there does not say whether one is active; it is not n8n, or something before it keeps it"
          + " from saying")
    }
  }

  private static func lock(_ path: FilePath) -> Finding {
    let key = "folders.state"
    guard let state = try? Folder(at: path, files: SystemFiles()), FileLock.isHeld(FileName("lock"), in: state)
    else { return Finding(.good, key, "lock: free; no eventdrop works on \(path)") }
    let process = FileLock.holder(FileName("lock"), in: state)
    return Finding(.good, key, "lock: an eventdrop is running (process \(process.map { "\($0)" } ?? "unknown"))")
  }

  /// Settings that are valid and hardly meant: what the file alone tells, and what this machine shows.
  ///
  /// - Parameters:
  ///   - configuration: What is looked at.
  ///   - now: What time it is.
  /// - Returns: A warning for each, in the order of the file.
  package static func warnings(_ configuration: Configuration, at now: Timestamp) -> [Problem] {
    var found = configuration.warnings(at: now)
    for (key, command) in [
      ("retention.archive", configuration.retention.archive), ("notify.command", configuration.notify.command),
    ] {
      guard let command, let program = ShellCommand.program(of: command) else { continue }
      found.append(
        configuration.problem(
          at: key,
          "there is no program \(Quotation.isHarmless(program) ? "'\(program)'" : "of this name") that can be run; write"
            + " its whole path"))
    }
    let tls = configuration.forward.tls
    for (key, path) in [("ca", tls.ca), ("certificate", tls.certificate), ("key", tls.key)] {
      guard let path, access(path.string, R_OK) != 0 else { continue }
      found.append(
        configuration.problem(at: "forward.tls.\(key)", "this file cannot be read: \(Errno(rawValue: errno))"))
    }
    found += FolderCheck.sameFolders(configuration)
    return found.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }
}

extension ExchangeFailure {
  /// Where in the configuration its cause may lie.
  fileprivate var place: String {
    switch kind {
    case .proxy: "forward.proxy"
    case .tls: "forward.tls"
    default: "forward.url"
    }
  }
}
