package import DurableFiles
internal import Glibc

/// Which file names an inbox takes: glob patterns, of glob(7), over bytes.
package struct NamePatterns: Sendable {
  var include: [String]
  var exclude: [String]

  package init(include: [String], exclude: [String]) {
    self.include = include
    self.exclude = exclude
  }

  /// Whether a file of this name is taken.
  package func match(_ name: FileName) -> Bool {
    include.contains { $0.matches(name) } && !exclude.contains { $0.matches(name) }
  }
}

extension String {
  fileprivate func matches(_ name: FileName) -> Bool {
    // The program never sets a locale, so a character is a byte here, and no name is invalid.
    name.withCString { fnmatch(self, $0, 0) == 0 }
  }
}
