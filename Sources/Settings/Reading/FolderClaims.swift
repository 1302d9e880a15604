internal import SystemPackage

/// The folders that a configuration names.
///
/// No two may be the same, or one inside the other: a file is in one of them, and that says what is to be done with it.
struct FolderClaims {
  fileprivate struct Claim {
    /// The key that sets it.
    var key: String
    /// Whose it is, for a person.
    var owner: String
    /// With a slash behind its last part, so that what is inside begins with it.
    var path: String
    var place: Place
    /// Whether the path is written in the file, so that it is the one to change.
    var isGiven: Bool
  }

  private var claims: [Claim] = []

  /// Reads the key of a folder; a path with a mistake in it is in nobody's way.
  mutating func read(_ key: String, of owner: String? = nil, into path: inout FilePath, _ section: inout Section) {
    guard section.read(key, as: .path(in: section.reading.folder), into: &path) else { return }
    let name = section.path(of: key)
    let text = path.string.utf8.last == UInt8(ascii: "/") ? path.string : path.string + "/"
    claims.append(
      Claim(key: name, owner: owner ?? name, path: text, place: section.place(of: key), isGiven: section.has(key)))
  }

  /// Reports each folder that is in the way of one before it, as far as the paths tell.
  func reportConflicts(to log: ProblemLog) {
    for (index, claim) in claims.enumerated() {
      guard let other = claims[..<index].first(where: { $0.isInTheWay(of: claim) }) else { continue }
      // What is not written in the file cannot be mended there.
      let (wrong, right) = other.isGiven && !claim.isGiven ? (other, claim) : (claim, other)
      log.report(
        "\(wrong.key): this folder \(wrong.relation(to: right)) that of \(right.owner)"
          + "\(right.isGiven ? "" : ", which is at its default"); each needs a folder of its own", at: wrong.place)
    }
  }
}

extension FolderClaims.Claim {
  fileprivate func isInTheWay(of other: Self) -> Bool { contains(other) || other.contains(self) }

  fileprivate func relation(to other: Self) -> String {
    guard contains(other) else { return "lies inside" }
    return other.contains(self) ? "is" : "contains"
  }

  /// Names are bytes, so they are not compared as Swift compares characters.
  private func contains(_ other: Self) -> Bool { other.path.utf8.starts(with: path.utf8) }
}
