package import Time

/// How events are stored.
package struct ProcessedSettings: Sendable, Equatable {
  package enum Durability: String, Word {
    /// One barrier for each portion.
    case group
    /// An `fsync` for each event.
    case each
    /// None: for trials.
    case off
  }

  /// Whose midnight divides partitions.
  package var timezone = TimeZoneRules.utc
  package var durability = Durability.group
  /// How many events there are to a barrier, at most.
  package var portion = 500

  mutating func read(_ section: inout Section) {
    section.read("timezone", as: .timeZone, into: &timezone)
    section.read("durability", as: .word, into: &durability)
    section.read("portion", as: .integer(in: 1...10_000), into: &portion)
  }
}
