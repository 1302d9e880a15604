internal import ExactJSON

/// Removes secrets from what a webhook answers: it may quote the request, including its headers.
package struct SecretMask: Sendable {
  /// For each secret, the spellings of each of its characters.
  private let secrets: [[[[UInt8]]]]
  /// Whether a secret may begin with a byte.
  private let begins: [Bool]
  private static let mask = Array("***".utf8)
  /// Whether an address is shown with a hint of its path only.
  let hidesPaths: Bool

  /// - Parameters:
  ///   - secrets: What must not be seen; what is shorter than 4 bytes stands in any text.
  ///   - hidesPaths: Whether an address is shown with a hint of its path only.
  package init(_ secrets: [String], hidesPaths: Bool = false) {
    self.hidesPaths = hidesPaths
    self.secrets = Set(secrets).filter { $0.utf8.count >= 4 }.map { $0.unicodeScalars.map(Self.spellings) }
    var begins = [Bool](repeating: false, count: 256)
    for spelling in self.secrets.compactMap(\.first).joined() { begins[Int(spelling[0])] = true }
    self.begins = begins
  }

  /// Hides nothing.
  package static let nothing = SecretMask([])

  package func applied(to text: String) -> String {
    secrets.isEmpty ? text : String(decoding: applied(to: Array(text.utf8)), as: UTF8.self)
  }

  /// Replaces each secret with a mask.
  ///
  /// - Parameters:
  ///   - bytes: A text.
  ///   - limit: How many bytes of the result are needed, at least.
  /// - Returns: The text without secrets.
  package func applied(to bytes: [UInt8], limit: Int = .max) -> [UInt8] {
    guard !secrets.isEmpty else { return Array(bytes.prefix(limit)) }
    var result: [UInt8] = []
    // Overlapping secrets are hidden together.
    var hidden = 0
    for index in bytes.indices {
      if begins[Int(bytes[index])], let end = end(ofSecretAt: index, in: bytes), end > hidden {
        if index >= hidden { result += Self.mask }
        hidden = end
      }
      if index >= hidden { result.append(bytes[index]) }
      if result.count >= limit { break }
    }
    return result
  }

  /// The end of the longest secret that begins there; nil if none does.
  private func end(ofSecretAt start: Int, in bytes: [UInt8]) -> Int? {
    var longest: Int?
    for secret in secrets {
      var ends: Set<Int> = [start]
      for spellings in secret where !ends.isEmpty {
        var next: Set<Int> = []
        for end in ends {
          for spelling in spellings where bytes[end...].starts(with: spelling) { next.insert(end + spelling.count) }
        }
        ends = next
      }
      if let end = ends.max() { longest = max(longest ?? end, end) }
    }
    return longest
  }
}

extension SecretMask {
  /// The spellings of a character: as it is, in JSON, in HTML, and in a URL.
  private static func spellings(of scalar: Unicode.Scalar) -> [[UInt8]] {
    let plain = Array(String(scalar).utf8)
    let isPlainEverywhere = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
    guard !isPlainEverywhere else { return [plain] }
    return [plain] + (inJSON(scalar) + inHTML(scalar) + inURL(scalar)).map { Array($0.utf8) }
  }

  private static func inJSON(_ scalar: Unicode.Scalar) -> [String] {
    var quoted: [UInt8] = []
    JSONText.appendQuotedVerbatim(Array(String(scalar).utf8), to: &quoted)
    let units = String(scalar).utf16.map { hex($0, digits: 4) }
    return [String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self), "\\\(scalar)"]
      + [units.map { "\\u\($0)" }.joined(), units.map { "\\u\($0.uppercased())" }.joined()]
  }

  private static func inHTML(_ scalar: Unicode.Scalar) -> [String] {
    let names: [Unicode.Scalar: String] = ["&": "amp", "<": "lt", ">": "gt", "\"": "quot", "'": "apos"]
    let digits = String(scalar.value, radix: 16)
    return (names[scalar].map { ["&\($0);"] } ?? [])
      + ["&#\(scalar.value);", "&#0\(scalar.value);", "&#x\(digits);", "&#x\(digits.uppercased());"]
  }

  private static func inURL(_ scalar: Unicode.Scalar) -> [String] {
    let bytes = String(scalar).utf8.map { hex($0, digits: 2) }
    return [bytes.map { "%\($0)" }.joined(), bytes.map { "%\($0.uppercased())" }.joined()]
      + (scalar == " " ? ["+"] : [])
  }

  private static func hex(_ number: some FixedWidthInteger, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
  }
}
