package import DurableFiles
internal import Glibc

/// The file names that an inbox takes: glob patterns, as in glob(7), over bytes, ignoring case.
package struct NamePatterns: Sendable {
  /// As the C library needs them, NUL-terminated.
  private let include: [[CChar]]
  private let exclude: [[CChar]]

  package init(include: [String], exclude: [String]) {
    self.include = include.map { Array($0.utf8CString) }
    self.exclude = exclude.map { Array($0.utf8CString) }
  }

  /// Whether a file of this name is taken.
  package func match(_ name: FileName) -> Bool {
    // The program never sets a locale, so a character is a byte here, and no name is invalid.
    name.withCString { name in
      include.contains { fnmatch($0, name, Self.flags) == 0 }
        && !exclude.contains { fnmatch($0, name, Self.flags) == 0 }
    }
  }

  /// Some systems that drop files know only capitals (FNM_CASEFOLD, fnmatch(3)).
  private static let flags: Int32 = 1 << 4
}
