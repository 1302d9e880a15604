package import Logging

/// How the daemon logs.
package struct LogSettings: Sendable, Equatable {
  package enum Format: String, Word {
    /// Text on a terminal, JSON elsewhere.
    case auto
    case text, json
  }

  /// A part of the daemon that can have its own level.
  package enum Part: String, CaseIterable, Sendable {
    case inbox, retry, store, forward, retention, admin
  }

  package var level = Logger.Level.info
  /// For the parts that have their own.
  package var levels: [Part: Logger.Level] = [:]
  package var format = Format.auto

  mutating func read(_ section: inout Section) {
    section.read("level", as: .word, into: &level)
    section.section("levels") { section in
      for part in Part.allCases {
        var own: Logger.Level?
        section.read(part.rawValue, as: .word, into: &own)
        levels[part] = own
      }
    }
    section.read("format", as: .word, into: &format)
  }
}

extension Logger.Level: Word {}
