package import DurableFiles
internal import Glibc

/// Which file names an inbox takes: glob patterns, of glob(7), over bytes, upper and lower case alike.
package struct NamePatterns: Sendable {
  /// As the C library wants them, ended by a NUL.
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

  /// Some systems that drop files know capitals only (FNM_CASEFOLD, fnmatch(3)).
  private static let flags: Int32 = 1 << 4
}
