import Glibc

/// How long and how hard, from the environment; by default short enough to run before each change.
enum Parameters {
  /// How often the power is cut on each file system.
  static let powerCuts = number("EVENTDROP_POWER_CUTS") ?? 10
  /// How often the daemon is killed.
  static let kills = number("EVENTDROP_KILLS") ?? 12
  /// The seed of the dice; a run with the same seed has the same throws, though not at the same instants.
  static let seed = number("EVENTDROP_SEED") ?? Int.random(in: 1...999_999)

  private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
}

/// Random numbers from a seed (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  /// - Parameters:
  ///   - seed: The seed.
  ///   - stream: Which of the independent sequences of that seed.
  init(seed: Int, stream: Int) {
    state = UInt64(truncatingIfNeeded: seed) &* 0x2545_F491_4F6C_DD1D &+ UInt64(truncatingIfNeeded: stream) &<< 32
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }

  /// True one time in this many.
  mutating func hits(oneIn count: Int) -> Bool { roll(0..<count) == 0 }
}
