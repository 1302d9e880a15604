package import Schedules
package import SystemPackage

/// All that people can set, checked, with every default in its one place.
package struct Configuration: Sendable {
  package var inboxes: [InboxSettings]
  package var folders: FolderSettings
  package var processed = ProcessedSettings()
  package var forward = ForwardSettings()
  package var retry = RetrySettings()
  package var retention = RetentionSettings()
  /// Of schedules, and of times shown to people.
  package var timezone = TimeZoneRules.utc
  package var shutdownGrace: Duration = .seconds(10)
  package var standby = false
  package var admin = AdminSettings()
  package var log = LogSettings()
  /// The keys that the file sets, as `forward.batch.maxEvents` and `inboxes[].path`.
  package var givenKeys: Set<String> = []

  /// The configuration of an empty file.
  ///
  /// - Parameter folder: What relative paths are relative to.
  init(relativeTo folder: FilePath) {
    inboxes = [InboxSettings(path: folder.appending("inbox"))]
    folders = FolderSettings(
      processed: folder.appending("processed"), retry: folder.appending("retry"), failed: folder.appending("failed"),
      state: folder.appending("state"))
  }
}

package struct InboxSettings: Sendable {
  package var name = "default"
  package var path: FilePath
  package var schedule = defaultSchedule("every 2s")
  package var settle: Duration = .seconds(2)
  package var marker: String?
  package var include = ["*.json", "*.jsonl", "*.ndjson", "*.json.gz", "*.jsonl.gz", "*.ndjson.gz"]
  package var exclude = [".*", "*.part", "*.filepart", "*.tmp", "*.error", "~*"]
  package var recursive = false
  package var charset = "utf-8"
  /// JSON Pointers, `@filename` or `@sha256`; the first that is there counts.
  package var eventId = ["/eventId", "/id"]
  package var eventType = ["/eventType", "/type"]
  package var data = ["/data"]
  package var eventTypeDefault: String?
  /// In bytes.
  package var maxFileSize = 16 << 20
  package var maxEventSize = 4 << 20
}

package struct FolderSettings: Sendable {
  package var processed: FilePath
  package var retry: FilePath
  package var failed: FilePath
  package var state: FilePath
  /// Of folders that are made; files get it without the execute bits.
  package var mode: UInt32 = 0o750
}

package struct ProcessedSettings: Sendable {
  package enum Durability: String, Sendable, CaseIterable {
    case group, each, off
  }

  package var timezone = TimeZoneRules.utc
  package var durability = Durability.group
  package var portion = 500
}

package struct ForwardSettings: Sendable {
  package enum Format: String, Sendable, CaseIterable {
    case envelope, array, single
  }

  package enum Acknowledge: String, Sendable, CaseIterable {
    case status, results
  }

  /// Nil: store only.
  package var url: WebAddress?
  package var schedule = defaultSchedule("every 2s")
  package var format = Format.envelope
  package var acknowledge = Acknowledge.status
  package var maxEvents = 100
  /// In bytes.
  package var maxBytes = 1 << 20
  package var concurrency = 1
  package var timeout: Duration = .seconds(10)
  package var attempts = 5
  package var backoff = Backoff(first: .seconds(1), maximum: .seconds(30))
  package var circuit = Backoff(first: .seconds(5), maximum: .seconds(300))
  package var auth = ForwardAuth.none
  package var secret: Secret?
  package var tls = TLSSettings()
  package var proxy: WebAddress?
  /// The size above which bodies are compressed; nil: never.
  package var compressAbove: Int?
}

package struct TLSSettings: Sendable {
  package var ca: FilePath?
  package var certificate: FilePath?
  package var key: FilePath?
}

/// How requests are authenticated: what n8n's webhook node knows.
package enum ForwardAuth: Sendable {
  case none
  case bearer(Secret)
  case basic(user: String, password: Secret)
  case header(name: String, value: Secret)
  /// The claims are JSON: each with its value's text.
  case jwt(secret: Secret, claims: [(name: String, json: String)])
}

package struct RetrySettings: Sendable {
  package var schedule = defaultSchedule("every 10s")
  package var attempts = 5
  package var unreadableAttempts = 2
  package var backoff = Backoff(first: .seconds(30), maximum: .seconds(3600))
}

package struct RetentionSettings: Sendable {
  /// Nil: for ever.
  package var keep: Duration? = .seconds(30 * 86_400)
  package var identities: Duration = .seconds(400 * 86_400)
  package var schedule = defaultSchedule("0 3 * * *")
  /// A command that gets the partition's path.
  package var archive: String?
}

package struct AdminSettings: Sendable {
  /// Nil: off.
  package var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8641)
  package var token: Secret?
}

/// Where a server listens.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
  package var host: String
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8641`, `[::1]:8641` or `localhost:8641`; nil where it is none of these forms.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else { return nil }
    self.init(host: host, port: port)
  }

  /// Whether only this machine reaches it.
  package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

package struct LogSettings: Sendable {
  package enum Format: String, Sendable, CaseIterable {
    case auto, text, json
  }

  package enum Level: String, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }

  package var level = Level.info
  package var format = Format.auto
}

/// A schedule that is written in this file and nowhere else.
private func defaultSchedule(_ text: String) -> Schedule {
  do {
    return try Schedule([text])
  } catch {
    preconditionFailure("the default schedule '\(text)' is not one: \(error)")
  }
}
