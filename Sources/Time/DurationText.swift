/// Durations as people write them: `250ms`, `2s`, `5m`, `1h`, `30d`, or several of these in sequence, such as `1h30m`.
package enum DurationText {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// Parses a duration.
  ///
  /// - Throws: `DurationError`.
  package static func parse(_ text: String) throws(DurationError) -> Duration {
    var total: Int64 = 0
    var rest = text.utf8[...]
    guard !rest.isEmpty else { throw DurationError(text: text) }
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest[digits.endIndex...]
      let letters = rest.prefix { !(0x30...0x39).contains($0) }
      rest = rest[letters.endIndex...]
      guard let number = Int64(String(decoding: digits, as: UTF8.self)),
        let unit = units.first(where: { $0.name.utf8.elementsEqual(letters) })
      else { throw DurationError(text: text) }
      let (part, isTooLong) = number.multipliedReportingOverflow(by: unit.milliseconds)
      let (sum, isSumTooLong) = total.addingReportingOverflow(part)
      guard !isTooLong, !isSumTooLong else { throw DurationError(text: text) }
      total = sum
    }
    return .milliseconds(total)
  }

  /// A duration as people write it, in its two largest units.
  package static func text(of duration: Duration) -> String {
    var rest = duration.inMilliseconds
    guard rest > 0 else { return rest == 0 ? "0s" : "-" + text(of: .zero - duration) }
    var parts: [String] = []
    for unit in units where rest >= unit.milliseconds && parts.count < 2 {
      parts.append("\(rest / unit.milliseconds)\(unit.name)")
      rest %= unit.milliseconds
    }
    return parts.joined()
  }
}

/// A text that is not a duration.
package struct DurationError: Error, Hashable, Sendable, CustomStringConvertible {
  package var text: String
  package var description: String { "'\(text)' is not a duration; write 250ms, 2s, 5m, 1h or 30d" }
}

/// Sizes as people write them: bytes, or `512KiB`, `1MiB`, `2GiB`; `KB`, `MB` and `GB` are powers of 1000.
package enum SizeText {
  private static let units: [(name: String, bytes: Int)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1000), ("MB", 1_000_000),
    ("GB", 1_000_000_000), ("B", 1),
  ]

  /// Parses a size.
  ///
  /// - Returns: The number of bytes.
  /// - Throws: `SizeError`.
  package static func parse(_ text: String) throws(SizeError) -> Int {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    let letters = String(text.utf8[digits.endIndex...].drop { $0 == 0x20 }) ?? ""
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw SizeError(text: text) }
    guard !letters.isEmpty else { return number }
    guard let unit = units.first(where: { $0.name == letters }) else { throw SizeError(text: text) }
    let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: unit.bytes)
    guard !isTooLarge else { throw SizeError(text: text) }
    return bytes
  }

  /// A size as people read it: `3.4 MiB`.
  package static func text(of bytes: Int) -> String {
    guard let unit = units.prefix(4).last(where: { bytes >= $0.bytes }) else { return "\(bytes) B" }
    let tenths = bytes / (unit.bytes / 10)
    return tenths >= 100 ? "\(tenths / 10) \(unit.name)" : "\(tenths / 10).\(tenths % 10) \(unit.name)"
  }
}

/// A text that is not a size.
package struct SizeError: Error, Hashable, Sendable, CustomStringConvertible {
  package var text: String
  package var description: String { "'\(text)' is not a size; write 512KiB, 1MiB, or a number of bytes" }
}
