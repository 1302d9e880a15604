internal import DurableFiles
internal import EventStore
internal import Forwarding
internal import Schedules
package import Settings
internal import SystemPackage

/// `eventdrop check`: tries what the configuration names.
package enum Check {
  /// One thing that was tried.
  package struct Finding: Sendable {
    package var isGood: Bool
    package var text: String
  }

  /// Tries folders, permissions, disk space, the lock, and the webhook's address.
  ///
  /// It stores and sends nothing.
  package static func run(_ configuration: Configuration) async -> [Finding] {
    ProcessLimits.setMask(forFolderMode: configuration.folders.mode)
    var findings: [Finding] = []
    let folders =
      configuration.inboxes.map { ("inbox '\($0.name)'", $0.path) } + [
        ("processed", configuration.folders.processed), ("retry", configuration.folders.retry),
        ("failed", configuration.folders.failed), ("state", configuration.folders.state),
      ]
    for (name, path) in folders { findings.append(tryFolder(name, path, configuration.folders.mode)) }
    findings.append(tryLock(configuration))
    if let options = configuration.forwardingOptions {
      let client = CurlClient(options)
      let failure = await client.connect()
      findings.append(
        failure.map {
          Finding(
            isGood: false,
            text:
              "webhook \(options.address): \($0.message). Look at \($0.place), and whether n8n runs; events wait as pending until then"
          )
        } ?? Finding(isGood: true, text: "webhook \(options.address): can be reached"))
      if failure == nil { findings.append(finding(await WebhookInquiry.ask(client, options))) }
    } else {
      findings.append(Finding(isGood: true, text: "webhook: none; events are stored and wait as pending"))
    }
    return findings
  }

  /// What n8n says of the workflow, without an event being sent.
  private static func finding(_ told: WebhookInquiry) -> Finding {
    switch told {
    case .takesPOST:
      Finding(isGood: true, text: "workflow: active at this path, and takes POST")
    case .takesOnly(let methods):
      Finding(
        isGood: false,
        text:
          "workflow: active at this path, but takes \(methods.joined(separator: ", ")) only; set the Webhook node's HTTP"
          + " method to POST")
    case .notRegistered:
      Finding(
        isGood: false,
        text:
          "workflow: n8n has no active workflow at this path; activate it, and compare 'forward.url' with the Webhook"
          + " node's production URL")
    case .startingUp: Finding(isGood: true, text: "workflow: n8n is starting up; check again in a minute")
    case .unknown:
      Finding(
        isGood: true,
        text:
          "workflow: what answers there does not say whether one is active; it is no n8n, or something before it keeps it"
          + " from saying")
    }
  }

  private static func tryFolder(_ name: String, _ path: FilePath, _ mode: UInt32) -> Finding {
    do {
      let folder = try Folder.opening(path, makingWithMode: mode, files: SystemFiles())
      // What the daemon does there, but for giving the file a name.
      let file = try UnnamedFile(in: folder, mode: mode & 0o666)
      try file.write([0x20].span)
      try file.sync()
      let space = try folder.space()
      let text = "\(name): \(path) can be written, \(SizeText.text(of: space.bytes)) are free"
      guard space.bytes >= 64 << 20, space.inodes.map({ $0 >= 1000 }) ?? true else {
        return Finding(isGood: false, text: text + ", which is little; make room")
      }
      return Finding(isGood: true, text: text)
    } catch {
      return Finding(isGood: false, text: "\(name): \(error); \(error.advice)")
    }
  }

  private static func tryLock(_ configuration: Configuration) -> Finding {
    do {
      _ = try StateLock.take(configuration)
      return Finding(isGood: true, text: "lock: free; no eventdrop works on \(configuration.folders.state)")
    } catch {
      switch error {
      case .held(let process):
        return Finding(
          isGood: true, text: "lock: an eventdrop is running (process \(process.map { "\($0)" } ?? "unknown"))")
      case .failed(let failure): return Finding(isGood: false, text: "lock: \(failure); \(failure.advice)")
      }
    }
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
