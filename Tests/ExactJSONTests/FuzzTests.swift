import ExactJSON
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Compares the scanner with the reference on texts that look random.
///
/// `EVENTDROP_FUZZ_INPUTS` sets how many (2000), `EVENTDROP_FUZZ_SEED` the first seed (1): input n of a run has
/// the seed of the run plus n, so that a failure can be run alone.
@Suite struct FuzzTests {
  static let inputs = number("EVENTDROP_FUZZ_INPUTS") ?? 2000
  static let firstSeed = UInt64(clamping: number("EVENTDROP_FUZZ_SEED") ?? 1)

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  @Test func agreesWithTheReference() {
    var valid = 0
    for input in 0..<UInt64(clamping: Self.inputs) {
      var source = RandomJSON(seed: Self.firstSeed &+ input)
      let text = source.text()
      expectAgreement(text)
      let damaged = source.damaged(text)
      expectAgreement(damaged)
      expectAgreement(damaged, depthLimit: 3)
      expectAgreement(source.noise())
      if errorOfScan(text) == nil { valid += 1 }
    }
    #expect(valid == Self.inputs, "the generator writes valid texts only")
  }

  /// Whatever is done with ranges that no scan has given, nothing traps and no byte outside is read.
  @Test func nothingTrapsOnAnything() {
    for input in 0..<UInt64(clamping: Self.inputs) {
      var source = RandomJSON(seed: Self.firstSeed &+ input)
      let valid = source.text()
      let bytes = input % 3 == 0 ? source.noise() : source.damaged(valid)
      let bounds = [
        Int.min, -1, 0, 1, bytes.count / 3, bytes.count / 2, bytes.count - 1, bytes.count, bytes.count + 9, .max,
      ]
      for lower in bounds {
        for upper in bounds where lower <= upper {
          useEverything(lower..<upper, bytes)
        }
      }
    }
  }

  private func useEverything(_ range: Range<Int>, _ bytes: [UInt8]) {
    let span = bytes.span
    var members: [JSONMember] = []
    var elements: [JSONValue] = []
    var output: [UInt8] = []
    JSONText.members(of: JSONValue(kind: .object, range: range), in: span, into: &members)
    JSONText.elements(of: JSONValue(kind: .array, range: range), in: span, into: &elements)
    for part in members.map(\.name) + members.map(\.value.range) + elements.map(\.range) {
      #expect(part.lowerBound >= 0 && part.upperBound <= bytes.count)
    }
    let member = JSONMember(name: range, nameIsEscaped: true, value: JSONValue(kind: .null, range: range))
    _ = JSONText.name(of: member, in: span, equals: "a")
    _ = JSONText.string(range, in: span)
    _ = JSONText.appendUnescaped(range, of: span, to: &output)
    output = []
    JSONText.appendCompact(range, of: span, to: &output)
    #expect(output.count <= bytes.count)
    #expect(JSONText.isCompact(range, of: span) == (output.count == range.clamped(to: 0..<bytes.count).count))
    #expect(JSONText.sameTokens(range, of: span, range, of: span) == true)
  }
}
