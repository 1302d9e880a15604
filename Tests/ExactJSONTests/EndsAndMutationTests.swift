import ExactJSON
import TestSupport
import Testing

/// Valid texts that are cut or damaged.
@Suite(.onlyInFullRuns) struct EndsAndMutationTests {
  static let samples: [String] = [
    #"{"id":"evt_1","n":[0,-1.5e+10,12E-3,0.25],"ok":true,"no":false,"none":null,"o":{"a":{},"b":[]}}"#,
    "{ \"a\" : [ 1 , 2 ] ,\r\n\t\"b\" : \"\" }",
    #"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","é€𝄞","0123456789012345é","東京都千代田区"]"#,
    #""a string of some length, with é and \u0041""#,
    "[[[[[{\"a\":[[{}]]}]]]]]",
    #"{"":{"":{"":[{"":null}]}},"x":[true,false,null,[],{}]}"#,
  ]

  @Test(arguments: samples)
  func refusesEveryPrefixAsCutOff(sample: String) {
    let bytes = Array(sample.utf8)
    for length in 0..<bytes.count {
      let error = errorOfScan(Array(bytes.prefix(length)))
      #expect(error?.reason == .unexpectedEnd)
      #expect(error?.offset == length)
    }
    #expect(errorOfScan(bytes) == nil)
  }

  @Test func acceptsThePrefixesOfANumberThatAreOne() {
    let number = "-102.50e+12"
    let valid = [2, 3, 4, 6, 7, 10, 11]
    for length in 0...number.utf8.count {
      #expect((errorOfScan(String(number.prefix(length))) == nil) == valid.contains(length), "\(length)")
    }
  }

  @Test(arguments: samples)
  func agreesWithTheReferenceOnEveryChangedByte(sample: String) {
    let bytes = Array(sample.utf8)
    for index in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = bytes
        changed[index] = byte
        expectAgreement(changed)
      }
    }
  }

  @Test(arguments: samples)
  func agreesWithTheReferenceOnEveryMissingAndEveryNewByte(sample: String) {
    let bytes = Array(sample.utf8)
    for index in bytes.indices {
      var shorter = bytes
      shorter.remove(at: index)
      expectAgreement(shorter)
      for byte in Array("\"\\{}[],: 0-.eutn\n".utf8) + [0x00, 0x80, 0xC3, 0xE2, 0xF0, 0xFF] {
        var longer = bytes
        longer.insert(byte, at: index)
        expectAgreement(longer)
      }
    }
  }
}

/// Compares a scan with the reference: whether, and where, the text leaves the grammar; and the parts of the root.
func expectAgreement(
  _ bytes: [UInt8], depthLimit: Int = 512, sourceLocation: SourceLocation = #_sourceLocation
) {
  var reference = ReferenceValidator(bytes, depthLimit: depthLimit)
  let failure = reference.failure()
  do throws(JSONError) {
    let document = try scan(bytes, depthLimit: depthLimit)
    var parts = document.elements.map(\.range)
    for member in document.members {
      parts.append(member.name.lowerBound - 1..<member.name.upperBound + 1)
      parts.append(member.value.range)
    }
    if failure != nil || parts != reference.parts || document.depth != reference.deepest {
      Issue.record("accepted: \(String(decoding: bytes, as: UTF8.self)) \(bytes)", sourceLocation: sourceLocation)
    }
  } catch {
    if error.offset != failure || (error.reason == .unexpectedEnd) != (error.offset == bytes.count) {
      Issue.record(
        "\(error), reference \(failure ?? -1): \(String(decoding: bytes, as: UTF8.self)) \(bytes)",
        sourceLocation: sourceLocation)
    }
  }
}
