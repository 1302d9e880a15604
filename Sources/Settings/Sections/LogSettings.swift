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

  /// A part of the daemon that can have a level of its own.
  package enum Part: String, CaseIterable, Sendable {
    case inbox, retry, store, forward, retention, admin
  }

  package var level = Level.info
  /// Of the parts that have one of their own.
  package var levels: [Part: Level] = [:]
  package var format = Format.auto

  mutating func read(_ section: inout Section) {
    section.read("level", as: .word, into: &level)
    section.section("levels") { section in
      for part in Part.allCases {
        var own: Level?
        section.read(part.rawValue, as: .word, into: &own)
        levels[part] = own
      }
    }
    section.read("format", as: .word, into: &format)
  }
}
