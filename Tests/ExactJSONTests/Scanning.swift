import ExactJSON

/// A document after a scan of the text.
func scan(_ text: String, depthLimit: Int = 512, depthOfInterest: Int = .max) throws(JSONError) -> JSONDocument {
  try scan(Array(text.utf8), depthLimit: depthLimit, depthOfInterest: depthOfInterest)
}

/// A document after a scan of the bytes.
func scan(_ bytes: [UInt8], depthLimit: Int = 512, depthOfInterest: Int = .max) throws(JSONError) -> JSONDocument {
  var document = JSONDocument()
  try document.scan(bytes.span, depthLimit: depthLimit, depthOfInterest: depthOfInterest)
  return document
}

/// The error of a scan of the bytes; nil where they are valid.
func errorOfScan(_ bytes: [UInt8], depthLimit: Int = 512) -> JSONError? {
  do throws(JSONError) {
    _ = try scan(bytes, depthLimit: depthLimit)
    return nil
  } catch {
    return error
  }
}

/// The error of a scan of the text; nil where it is valid.
func errorOfScan(_ text: String) -> JSONError? { errorOfScan(Array(text.utf8)) }

/// The part of the bytes as text, for comparisons.
func text(_ range: Range<Int>, of bytes: [UInt8]) -> String { String(decoding: bytes[range], as: UTF8.self) }

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
