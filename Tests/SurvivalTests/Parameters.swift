import Glibc

/// How long and how hard, from the environment; by default as short as a look before each change allows.
enum Parameters {
  /// How often the power is cut on each file system.
  static let powerCuts = number("EVENTDROP_POWER_CUTS") ?? 10
  /// How often the daemon is killed.
  static let kills = number("EVENTDROP_KILLS") ?? 12
  /// Where the dice start; a run with the same seed throws the same, though not at the same instants.
  static let seed = number("EVENTDROP_SEED") ?? Int.random(in: 1...999_999)

  private static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
}

/// Random numbers that begin at a seed (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  /// - Parameters:
  ///   - seed: Where to begin.
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

  /// True once in so many times.
  mutating func hits(oneIn count: Int) -> Bool { roll(0..<count) == 0 }
}
