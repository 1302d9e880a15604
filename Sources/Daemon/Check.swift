internal import DurableFiles
internal import EventStore
internal import Forwarding
internal import Intake
internal import Logging
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
    findings += configuration.inboxes.compactMap { tryClaim($0, configuration) }
    findings.append(tryLock(configuration))
    if let options = configuration.forwardingOptions {
      let failure = await CurlClient(options).connect()
      findings.append(
        failure.map {
          Finding(
            isGood: false,
            text:
              "webhook \(options.address): \($0.message). Look at \($0.place), and whether n8n runs; events wait as pending until then"
          )
        } ?? Finding(isGood: true, text: "webhook \(options.address): can be reached"))
    } else {
      findings.append(Finding(isGood: true, text: "webhook: none; events are stored and wait as pending"))
    }
    return findings
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

  /// A claim and its way back; nil where it worked, or the folders themselves cannot be opened, which is told already.
  private static func tryClaim(_ inbox: InboxSettings, _ configuration: Configuration) -> Finding? {
    let files = SystemFiles()
    guard let folder = try? Folder(at: inbox.path, files: files),
      let state = try? Folder(at: configuration.folders.state, files: files)
    else { return nil }
    do {
      try ClaimTrial.run(
        inbox: folder, state: state, name: inbox.name, mode: configuration.folders.mode,
        logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
      return nil
    } catch {
      return Finding(
        isGood: false, text: "inbox '\(inbox.name)': a drop could not be claimed: \(error); \(error.advice)")
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
