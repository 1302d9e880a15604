internal import Catalog
internal import DurableFiles
internal import EventStore
internal import Events
internal import Glibc
internal import Operations
internal import Settings
internal import SystemPackage

/// `eventdrop init`: a short configuration, and the folders that it names.
package struct Setup: Sendable {
  /// Systems whose events are known here.
  package enum Kind: String, CaseIterable, Sendable {
    case stripe, cloudevents, shopify, woocommerce, dolibarr, till
  }

  /// Where the configuration goes.
  package var file: String
  package var inbox: String?
  package var url: String?
  package var kind: Kind?
  /// What a command needs to find the file: nothing where it would look by itself.
  private let option: String
  /// Whether folders lie below `/var/lib/eventdrop`, as the systemd unit has them.
  package var isSystemd: Bool

  private static let systemFolder = "/var/lib/eventdrop"

  package init(file: String?, inbox: String?, url: String?, kind: Kind?, isSystemd: Bool) {
    self.file = file ?? (isSystemd ? ConfigurationFile.systemWide : "config.yaml")
    // A leading dash would make it another option.
    option = file.map { " --config " + ShellWord.quoted($0.utf8.first == UInt8(ascii: "-") ? "./\($0)" : $0) } ?? ""
    self.inbox = inbox
    self.url = url
    self.kind = kind
    self.isSystemd = isSystemd
  }

  /// Why nothing was written.
  package enum Failure: Error {
    /// The file already exists.
    case isThere(String)
    /// What was asked for is not a valid configuration.
    case invalid(String)
    case unwritable(String)
  }

  /// Writes the file and creates the folders.
  ///
  /// - Returns: What was created, one line each.
  /// - Throws: `Failure`; what was created before stays.
  package func run() throws(Failure) -> [String] {
    let files = PatientFiles()
    let path = absolutePath(FilePath(spelled: file, files: files))
    let text = self.text
    let configuration: Configuration
    do throws(ConfigurationProblems) {
      configuration = try Configuration(
        yaml: Array(text.utf8), file: file, folder: path.removingLastComponent(), environment: [:],
        readFile: { _ in throw Errno.noSuchFileOrDirectory })
    } catch {
      throw .invalid(error.problems.first?.text(in: .en) ?? "")
    }
    do throws(FileFailure) {
      guard let name = FileName(lastOf: path) else {
        throw FileFailure("write", path.spelled, .isDirectory)
      }
      ProcessLimits.setMask(forFolderMode: 0o755)
      let folder = try Folder.opening(path.removingLastComponent(), makingWithMode: 0o755, files: files)
      guard try folder.status(of: name) == nil else { throw FileFailure("write", path.spelled, .fileExists) }
      var lines: [String] = []
      ProcessLimits.setMask(forFolderMode: configuration.store.layout.folderMode)
      for path in configuration.inboxes.map(\.path) + [
        configuration.store.layout.processed, configuration.store.layout.retry, configuration.store.layout.failed,
        configuration.store.layout.state,
      ] {
        if (try? Folder(at: path, files: files)) == nil { lines.append("created \(path)/") }
        _ = try Folder.opening(path, makingWithMode: configuration.store.layout.folderMode, files: files)
      }
      let written = try UnnamedFile(in: folder, mode: 0o640)
      try written.write(Array(text.utf8).span)
      try written.sync()
      guard try written.publish(as: name) else { throw FileFailure("write", path.spelled, .fileExists) }
      try folder.sync()
      return ["wrote \(file)"] + lines + next
    } catch {
      throw error.errno == .fileExists ? .isThere(file) : .unwritable("\(error); \(error.advice)")
    }
  }

  private var next: [String] {
    guard isSystemd else { return ["next: eventdrop check\(option), then eventdrop run\(option)"] }
    return [
      "next: chown -R eventdrop: \(Self.systemFolder) and chgrp eventdrop \(ShellWord.quoted(file)), for the user of the unit;"
        + " then eventdrop check\(option) and systemctl enable --now eventdrop"
    ]
  }

  // MARK: The text

  private var text: String {
    let base = isSystemd ? Self.systemFolder + "/" : ""
    var lines = [
      "# eventdrop's configuration, with the keys that are usually changed. All others have their defaults; README.md and",
      "# 'eventdrop schema' list them. 'eventdrop check' reports every mistake, with its line.",
      "inboxes:", "  - name: \(kind?.rawValue ?? "default")",
      "    path: \(Self.quoted(inbox ?? base + "inbox"))      # where other systems drop their files",
    ]
    lines += mapping.map { "    " + $0 }
    if isSystemd {
      lines += ["", "folders:"]
      lines += ["processed", "retry", "failed", "state"].map { "  \($0): \(base)\($0)" }
    }
    lines += [
      "", "forward:",
      url.map { "  url: \(Self.quoted($0))" }
        ?? "  url: ${N8N_WEBHOOK_URL:-}    # n8n's Webhook node: its production URL. Empty: events are stored and wait",
      "  # If the Webhook node requires a token:", "  auth: { bearer: \"${N8N_WEBHOOK_TOKEN:-}\" }", "",
      "retention:", "  keep: 30d                   # days older than this are removed", "",
    ]
    return lines.joined(separator: "\n")
  }

  /// How the events of a system become records.
  private var mapping: [String] {
    switch kind {
    case nil: []
    case .stripe:
      [
        "# Stripe's events have an id, a type, and what happened in data.", "eventId: [/id]", "eventType: [/type]",
        "data: [/data]",
      ]
    case .cloudevents:
      [
        "# CloudEvents: an id is unique together with its source.", "eventId: [\"@cloudevent\"]", "eventType: [/type]",
        "data: [/data]",
      ]
    case .shopify:
      [
        "# A Shopify order, as its webhooks and exports have it: each state of it is an event.",
        "eventId: [[/admin_graphql_api_id, /updated_at], [/id, /updated_at], /admin_graphql_api_id, /id]",
        "eventIdPrefix: \"shopify:\"",
        "eventType: [/topic]", "eventTypeDefault: shopify.order", "data: [\"\"]",
      ]
    case .woocommerce:
      [
        "# A WooCommerce order: each state of it is an event.", "eventId: [[/id, /date_modified_gmt], /id]",
        "eventIdPrefix: \"woocommerce:\"", "eventType: [/topic]", "eventTypeDefault: woocommerce.order", "data: [\"\"]",
      ]
    case .dolibarr:
      [
        "# What Dolibarr's webhook module sends: a trigger, and the object that it is about.",
        "eventId: [[/triggercode, /object/id, /object/date_modification], [/triggercode, /object/id]]",
        "eventIdPrefix: \"dolibarr:\"", "eventType: [/triggercode]", "data: [/object]",
      ]
    case .till:
      [
        "# A till's export: one receipt a file or a line, complete once the file NAME.done is there. A receipt has its number",
        "# in the member receipt, or in the object there, beside its lines.", "marker: .done",
        "charset: windows-1252", "include: [\"*.json\", \"*.jsonl\"]",
        // A text at /receipt is the number itself; an object there contains it, so its members come first.
        "eventId: [[/till, /receipt/number], [/till, /receipt/id], [/till, /receipt/no], /receipt/number, /receipt/id,",
        "  /receipt/no, [/till, /receiptNumber], /receiptNumber, [/till, /receipt], /receipt, \"@sha256\"]",
        "eventIdPrefix: \"till:\"",
        "eventType: [/type]", "eventTypeDefault: RECEIPT", "data: [\"\"]",
      ]
    }
  }

  /// A text as YAML, whatever it contains.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "/._-".utf8.contains(byte)
    }
    return isPlain && !text.isEmpty && text.first != "-"
      ? text : "'\(text.replacingScalars { $0 == "'" ? "''" : nil })'"
  }
}
