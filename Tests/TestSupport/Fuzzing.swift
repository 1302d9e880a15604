internal import Glibc

/// How many random-looking inputs a test tries, and from which seed on.
///
/// `EVENTDROP_FUZZ_INPUTS` (2000) and `EVENTDROP_FUZZ_SEED` (1) in the environment set them. Input n of a run has the
/// seed of the run plus n, so that a failing one can be run alone.
package enum Fuzzing {
  package static let seeds: Range<UInt64> = {
    let first = UInt64(clamping: number("EVENTDROP_FUZZ_SEED") ?? 1)
    return first..<(first + UInt64(clamping: number("EVENTDROP_FUZZ_INPUTS") ?? 2000))
  }()

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
}

/// Random numbers that are the same for the same seed (splitmix64).
package struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// A text with one to six changes: bytes changed, parts removed, bytes of its own copied elsewhere, words inserted.
  package mutating func changed(_ text: [UInt8], words: [[UInt8]]) -> [UInt8] {
    var text = text
    for _ in 0..<Int.random(in: 1...6, using: &self) {
      let place = Int.random(in: 0...text.count, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0 where place < text.count: text[place] = UInt8.random(in: 0...255, using: &self)
      case 1: text.removeSubrange(place..<min(text.count, place + Int.random(in: 0...20, using: &self)))
      case 2 where !text.isEmpty:
        let other = Int.random(in: 0..<text.count, using: &self)
        text.insert(contentsOf: Array(text[other..<min(text.count, other + 8)]), at: place)
      default: text.insert(contentsOf: words.randomElement(using: &self) ?? [], at: place)
      }
    }
    return text
  }
}
