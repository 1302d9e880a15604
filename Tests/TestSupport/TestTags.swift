internal import Glibc
package import Testing

extension Tag {
  /// Takes only a moment: no other process, no sweep, no wait for real time.
  @Tag package static var fast: Self
  /// Stops, fails or denies file operations, cuts the power, or kills.
  @Tag package static var durability: Self
  /// Starts the program, or another one, as a separate process.
  @Tag package static var spawned: Self
}

extension Trait where Self == ConditionTrait {
  /// Left out of the quick run, for which `EVENTDROP_TESTS=fast` is set in the environment.
  ///
  /// A tag alone is not enough: the test runner of Swift 6.2 cannot select by tags.
  package static var onlyInFullRuns: Self {
    .disabled("left out of the quick run", { getenv("EVENTDROP_TESTS").map { String(cString: $0) } == "fast" })
  }
}
