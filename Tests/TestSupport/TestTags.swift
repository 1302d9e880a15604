internal import Glibc
package import Testing

extension Tag {
  /// Takes no more than a moment: no other process, no sweep, no wait for real time.
  @Tag package static var fast: Self
  /// Stops, fails or denies file operations, cuts the power, or kills.
  @Tag package static var durability: Self
  /// Starts the program, or another one, as a process of its own.
  @Tag package static var spawned: Self
}

extension Trait where Self == ConditionTrait {
  /// Left out of the quick run, for which `EVENTDROP_TESTS=fast` stands in the environment.
  ///
  /// A tag alone does not do it: the test runner of Swift 6.2 cannot choose by tags.
  package static var onlyInFullRuns: Self {
    .disabled("left out of the quick run", { getenv("EVENTDROP_TESTS").map { String(cString: $0) } == "fast" })
  }
}
