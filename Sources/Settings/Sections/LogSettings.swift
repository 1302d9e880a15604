/// How the daemon speaks.
package struct LogSettings: Sendable, Equatable {
  package enum Level: String, Word {
    case trace, debug, info, notice, warning, error, critical
  }

  package enum Format: String, Word {
    /// Text on a terminal, JSON elsewhere.
    case auto
    case text, json
  }

  package var level = Level.info
  package var format = Format.auto

  mutating func read(_ section: inout Section) {
    section.read("level", as: .word, into: &level)
    section.read("format", as: .word, into: &format)
  }
}
