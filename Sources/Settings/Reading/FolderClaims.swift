internal import Events
internal import SystemPackage

/// The folders that a configuration names.
///
/// No two may be the same, or one inside the other: a file is in one of them, and that says what is to be done with it.
struct FolderClaims {
  fileprivate struct Claim {
    /// The key that sets it.
    var key: String
    /// Whose it is, for a person.
    var owner: FolderOwner
    /// With a slash behind its last part, so that what is inside begins with it.
    var path: String
    var place: Place
    /// Whether the path is written in the file, so that it is the one to change.
    var isGiven: Bool
  }

  private var claims: [Claim] = []

  /// Reads the key of a folder; a path with a mistake in it is in nobody's way.
  mutating func read(_ key: String, of owner: FolderOwner? = nil, into path: inout FilePath, _ section: inout Section) {
    guard section.read(key, as: .path(in: section.reading.folder), into: &path) else { return }
    let name = section.path(of: key)
    let text = path.string.utf8.last == UInt8(ascii: "/") ? path.string : path.string + "/"
    claims.append(
      Claim(
        key: name, owner: owner ?? .key(name), path: text, place: section.place(of: key), isGiven: section.has(key)))
  }

  /// Reports each folder that is in the way of one before it, as far as the paths tell.
  func reportConflicts(to log: ProblemLog) {
    for (index, claim) in claims.enumerated() {
      guard let other = claims[..<index].first(where: { $0.isInTheWay(of: claim) }) else { continue }
      // What is not written in the file cannot be mended there.
      let (wrong, right) = other.isGiven && !claim.isGiven ? (other, claim) : (claim, other)
      let arguments = right.owner.arguments + [Message.Argument("isDefault", right.isGiven ? "" : "yes")]
      log.report(Message(wrong.relation(to: right), arguments), key: wrong.key, at: wrong.place)
    }
  }
}

/// Whose folder it is.
enum FolderOwner {
  case key(String)
  case inbox(String)
  /// An inbox whose name is not known, in this line.
  case inboxInLine(Int)

  /// As a message has it.
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

  /// Names are bytes, so they are not compared as Swift compares characters.
  private func contains(_ other: Self) -> Bool { other.path.utf8.starts(with: path.utf8) }
}
