/// How log lines are written; the names are those of `log.format`.
package enum LogFormat: String, Sendable, CaseIterable {
  /// Text on a terminal, JSON lines elsewhere.
  case auto
  case text
  case json
}
