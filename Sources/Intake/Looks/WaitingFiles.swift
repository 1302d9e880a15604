package import DurableFiles
internal import ExactJSON
package import Time

/// What is in an inbox but was not taken at its last look, by reason.
///
/// An inbox counts it while it looks: callers get the result of the last look, and touch no folder of the inbox.
package struct WaitingFiles: Sendable, Hashable {
  /// Why a file, or a folder, was not taken.
  package enum Reason: String, CaseIterable, Sendable {
    /// It has just changed, or may still be written.
    case settling
    /// A process on this machine has it open for writing.
    case open
    /// The marker file is missing.
    case noMarker = "no-marker"
    /// Its name matches no pattern of `include`, or one of `exclude`.
    case noPattern = "no-pattern"
    /// It is a folder that is not looked into.
    case subFolder = "sub-folder"
    /// It cannot be read or moved.
    case unreadable
    /// There is no room to store it.
    case noRoom = "no-room"
    /// The folder does not respond.
    case notReachable = "not-reachable"
    /// The identities shared by several machines are not available, or another machine is handling its event.
    case fleetAway = "fleet-away"
  }

  /// The files that wait for one reason.
  package struct Group: Sendable, Hashable {
    package var count: Int
    /// When the oldest of them was last modified.
    package var oldest: Timestamp
    /// The name of that file, with its path from the inbox; with U+FFFD for bytes that are not UTF-8.
    package var name: String
  }

  package private(set) var groups: [Reason: Group] = [:]
  /// What was still claimed within the inbox's folder when the look ended; nil if nothing was.
  package var claimed: ClaimedFiles?
  /// When the look ended; nil before the first.
  package var lookedAt: Timestamp?
  /// When the current look began; nil between looks.
  ///
  /// A look that does not end means that the file system hangs.
  package var lookingSince: Timestamp?

  package init() {}

  /// How many files wait, for any reason.
  package var count: Int { groups.values.reduce(0) { $0 + $1.count } }

  /// How many files wait for one reason.
  package subscript(reason: Reason) -> Int { groups[reason]?.count ?? 0 }

  /// Counts one file.
  ///
  /// - Parameters:
  ///   - reason: Why it was not taken.
  ///   - modified: When it was last modified.
  ///   - name: Its name; evaluated only if it is the oldest.
  package mutating func add(_ reason: Reason, modified: Timestamp, name: @autoclosure () -> String) {
    guard var group = groups[reason] else {
      groups[reason] = Group(count: 1, oldest: modified, name: name())
      return
    }
    group.count += 1
    if modified < group.oldest {
      (group.oldest, group.name) = (modified, name())
    } else if modified == group.oldest {
      group.name = min(group.name, name())
    }
    groups[reason] = group
  }

  /// Counts files about which nothing else is known.
  mutating func add(_ reason: Reason, count: Int) {
    if count > 0 { groups[reason]?.count += count }
  }

  /// Adds what was counted elsewhere.
  package static func += (left: inout WaitingFiles, right: WaitingFiles) {
    for (reason, group) in right.groups {
      guard var own = left.groups[reason] else {
        left.groups[reason] = group
        continue
      }
      own.count += group.count
      if group.oldest < own.oldest { (own.oldest, own.name) = (group.oldest, group.name) }
      left.groups[reason] = own
    }
  }
}

// MARK: As a file

/// A look's result is also in `state/looks/INBOX.json`, for commands that run beside the daemon, or after it.
extension WaitingFiles {
  static let folderName = FileName("looks")

  /// The result of an inbox's last look, as left by the process that looked.
  ///
  /// - Parameters:
  ///   - inbox: The inbox's name.
  ///   - state: The folder `state/`.
  /// - Returns: Nil if no process has looked yet.
  package static func last(of inbox: String, in state: Folder) -> WaitingFiles? {
    guard let folder = try? state.folder(folderName) else { return nil }
    return ((try? folder.read(fileName(of: inbox), limit: 1 << 20)) ?? nil).flatMap { WaitingFiles($0) }
  }

  static func fileName(of inbox: String) -> FileName { FileName(inbox + ".json") }

  /// One JSON object: `lookedAt`, and for each reason `count`, `oldest` and `name`.
  var encoded: [UInt8] {
    var bytes: [UInt8] = Array("{\"lookedAt\":".utf8)
    JSONText.appendQuoted((lookedAt?.rfc3339 ?? "").utf8, to: &bytes)
    for reason in Reason.allCases {
      guard let group = groups[reason] else { continue }
      bytes += Array(",\"\(reason.rawValue)\":[\(group.count),\"\(group.oldest.rfc3339)\",".utf8)
      JSONText.appendQuoted(group.name.utf8, to: &bytes)
      bytes += Array("]".utf8)
    }
    return bytes + Array("}\n".utf8)
  }

  init?(_ bytes: [UInt8]) {
    var document = JSONDocument()
    guard (try? document.scan(bytes.span)) != nil, document.root.kind == .object else { return nil }
    func text(_ value: JSONValue) -> String? {
      guard value.kind == .string else { return nil }
      return JSONText.string(value.withoutQuotes, in: bytes.span)
    }
    for member in document.members {
      guard let name = JSONText.string(member.name, in: bytes.span) else { continue }
      if name == "lookedAt" {
        lookedAt = text(member.value).flatMap(Timestamp.init(rfc3339:))
        continue
      }
      guard let reason = Reason(rawValue: name), member.value.kind == .array else { continue }
      var parts: [JSONValue] = []
      JSONText.elements(of: member.value, in: bytes.span, into: &parts)
      guard parts.count == 3, let count = Int(String(decoding: bytes[parts[0].range], as: UTF8.self)),
        let oldest = text(parts[1]).flatMap(Timestamp.init(rfc3339:)), let name = text(parts[2])
      else { continue }
      groups[reason] = Group(count: count, oldest: oldest, name: name)
    }
  }
}
