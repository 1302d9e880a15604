internal import DurableFiles
internal import Events
internal import SystemPackage

/// The folders named in a configuration.
///
/// No two may be the same, or one inside the other: a file is in one of them, and that determines what is done with it.
struct FolderClaims {
  fileprivate struct Claim {
    /// The key that sets it.
    var key: String
    /// Its owner, for people.
    var owner: FolderOwner
    /// Ends in a slash, so that it is a prefix of every path inside.
    var path: String
    var place: Place
    /// Whether the path is written in the file, and so is the one to change.
    var isGiven: Bool
  }

  private var claims: [Claim] = []
  /// Whether a path that is not text has been reported: all of them begin with the configuration's own folder.
  private var hasReportedBytes = false

  /// Reads a folder's key; an invalid path conflicts with nothing.
  mutating func read(_ key: String, of owner: FolderOwner? = nil, into path: inout FilePath, _ section: inout Section) {
    guard section.read(key, as: .path(in: section.reading.folder), into: &path) else { return }
    guard path.isText else {
      // The catalog's library takes a path as text.
      if !hasReportedBytes { section.report(.folderNotText, ["path": .text(path.spelled)], in: key) }
      hasReportedBytes = true
      return
    }
    let name = section.path(of: key)
    let text = path.string.utf8.last == UInt8(ascii: "/") ? path.string : path.string + "/"
    claims.append(
      Claim(
        key: name, owner: owner ?? .key(name), path: text, place: section.place(of: key), isGiven: section.has(key)))
  }

  /// Reports each folder that conflicts with an earlier one, as far as the paths show.
  func reportConflicts(to log: ProblemLog) {
    for (index, claim) in claims.enumerated() {
      guard let other = claims[..<index].first(where: { $0.isInTheWay(of: claim) }) else { continue }
      // What is not written in the file cannot be corrected there.
      let (wrong, right) = other.isGiven && !claim.isGiven ? (other, claim) : (claim, other)
      let arguments = right.owner.arguments + [Message.Argument("isDefault", right.isGiven ? "" : "yes")]
      log.report(Message(wrong.relation(to: right), arguments), key: wrong.key, at: wrong.place)
    }
  }
}

/// The owner of a folder.
enum FolderOwner {
  case key(String)
  case inbox(String)
  /// An inbox on this line whose name is unknown.
  case inboxInLine(Int)

  /// For a message.
  fileprivate var arguments: [Message.Argument] {
    var (key, inbox, line) = ("", "", "")
    switch self {
    case .key(let name): key = name
    case .inbox(let name): inbox = name
    case .inboxInLine(let number): line = "\(number)"
    }
    return [
      Message.Argument("key", .text(key)), Message.Argument("inbox", .text(inbox)),
      Message.Argument("line", .text(line)),
    ]
  }
}

extension FolderClaims.Claim {
  fileprivate func isInTheWay(of other: Self) -> Bool { contains(other) || other.contains(self) }

  fileprivate func relation(to other: Self) -> ConfigurationMessage {
    guard contains(other) else { return .insideFolder }
    return other.contains(self) ? .sameFolder : .aroundFolder
  }

  /// Names are bytes, so they are not compared the way Swift compares characters.
  private func contains(_ other: Self) -> Bool { other.path.utf8.starts(with: path.utf8) }
}
