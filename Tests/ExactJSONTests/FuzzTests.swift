import ExactJSON
import TestSupport
import Testing

/// Compares the scanner with the reference on texts that look random.
@Suite(.onlyInFullRuns) struct FuzzTests {
  @Test func agreesWithTheReference() {
    var valid = 0
    for seed in Fuzzing.seeds {
      var source = RandomJSON(seed: seed)
      let text = source.text()
      expectAgreement(text)
      let damaged = source.damaged(text)
      expectAgreement(damaged)
      expectAgreement(damaged, depthLimit: 3)
      expectAgreement(source.noise())
      if errorOfScan(text) == nil { valid += 1 }
    }
    #expect(valid == Fuzzing.seeds.count, "the generator writes valid texts only")
  }

  /// Even with ranges that no scan has returned, nothing traps and no byte outside is read.
  @Test func nothingTrapsOnAnything() {
    for seed in Fuzzing.seeds {
      var source = RandomJSON(seed: seed)
      let valid = source.text()
      let bytes = seed % 3 == 0 ? source.noise() : source.damaged(valid)
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
