internal import ExactJSON

/// Takes secrets out of what a webhook answers: it may quote the request, headers included.
struct SecretMask: Sendable {
  private let secrets: [[UInt8]]
  private static let mask = Array("***".utf8)

  /// - Parameter secrets: What must not be seen; what is shorter than 4 bytes stands in any text.
  init(_ secrets: [String]) {
    let spellings = Set(secrets.flatMap { Self.spellings(of: Array($0.utf8)) })
    self.secrets = spellings.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
  }

  /// Hides nothing.
  static let nothing = SecretMask([])

  /// As it is, and as it stands in JSON, where some escape the solidus as well.
  private static func spellings(of secret: [UInt8]) -> [[UInt8]] {
    var quoted: [UInt8] = []
    JSONText.appendQuoted(secret, to: &quoted)
    let escaped = Array(quoted.dropFirst().dropLast())
    return [secret, escaped, escaped.flatMap { $0 == UInt8(ascii: "/") ? [UInt8(ascii: "\\"), $0] : [$0] }]
  }

  func applied(to text: String) -> String {
    secrets.isEmpty ? text : String(decoding: applied(to: Array(text.utf8)), as: UTF8.self)
  }

  func applied(to bytes: [UInt8]) -> [UInt8] {
    secrets.reduce(bytes) { bytes, secret in
      guard var found = Self.first(secret, in: bytes, from: 0) else { return bytes }
      var result: [UInt8] = []
      var start = 0
      while true {
        result += bytes[start..<found]
        result += Self.mask
        start = found + secret.count
        guard let next = Self.first(secret, in: bytes, from: start) else { break }
        found = next
      }
      return result + bytes[start...]
    }
  }

  private static func first(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard let head = wanted.first, bytes.count >= wanted.count else { return nil }
    var index = start
    while index <= bytes.count - wanted.count {
      if bytes[index] == head, bytes[index..<(index + wanted.count)].elementsEqual(wanted) { return index }
      index += 1
    }
    return nil
  }
}
