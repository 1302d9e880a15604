internal import Glibc

extension GlobPattern {
  /// Whether a text contains several patterns, separated by commas, semicolons or spaces.
  static func looksLikeSeveral(_ pattern: String) -> Bool {
    let parts = pattern.split(whereSeparator: { ",; ".contains($0) })
    return parts.count > 1 && parts.allSatisfy { $0.hasPrefix("*") || $0.hasPrefix(".") || $0.hasPrefix("~") }
  }

  /// Whether it matches files in another format than JSON, judging by the ending.
  static func isOfOtherFormat(_ pattern: String) -> Bool {
    let ending = pattern.lowercased().split(separator: ".", omittingEmptySubsequences: false).last
    return pattern.contains(".") && otherFormats.contains(ending.map(String.init) ?? "")
  }

  private static let otherFormats: Set = [
    "csv", "tsv", "xml", "yaml", "yml", "xls", "xlsx", "ods", "pdf", "edi", "zip", "7z", "bz2", "xz", "zst", "tar",
    "tgz",
  ]

  /// Whether a name matches, as for inboxes: ignoring case.
  static func matches(_ pattern: String, _ name: String) -> Bool {
    // FNM_CASEFOLD of fnmatch.h, which Swift does not import.
    fnmatch(pattern, name, 1 << 4) == 0
  }

  /// Some names that a pattern matches.
  static func samples(of pattern: String) -> [String] {
    ["", "a", "orders-2026_11"].map { stars in
      var name = ""
      var rest = pattern.unicodeScalars[...]
      while let scalar = rest.popFirst() {
        switch scalar {
        case "*": name += stars
        case "?": name += "b"
        case "\\": rest.popFirst().map { name.unicodeScalars.append($0) }
        case "[":
          // Whatever the set contains: one of its members matches.
          let end = rest.dropFirst().firstIndex(of: "]") ?? rest.endIndex
          let set = "[" + String(rest[..<end]) + "]"
          rest = end < rest.endIndex ? rest[rest.index(after: end)...] : rest[end...]
          let member = "abcdefghijklmnopqrstuvwxyz0123456789-_.".map(String.init).first { matches(set, $0) }
          name += member ?? ""
        default: name.unicodeScalars.append(scalar)
        }
      }
      return name
    }.filter { matches(pattern, $0) }
  }
}
