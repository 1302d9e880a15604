internal import Gzip

extension HTTPAnswer {
  /// The answer with its body decoded (RFC 9110, section 8.4).
  ///
  /// No coding is asked for, but some servers and the proxies before them compress anyway.
  ///
  /// - Parameter limit: How many bytes of the body to keep.
  /// - Returns: The answer; without a body and marked as unreadable if a coding is unknown or its bytes are damaged.
  package func unpacked(limit: Int) -> HTTPAnswer {
    let wanted = "content-encoding"
    let codings = headers.filter { $0.name.lowercased() == wanted }
      .flatMap { $0.value.split(separator: ",") }
      .map { $0.lowercased().filter { !$0.isWhitespace } }
      .filter { !$0.isEmpty && $0 != "identity" }
    guard !codings.isEmpty, !body.isEmpty else { return self }
    var answer = self
    for coding in codings.reversed() {
      guard let next = Self.unpack(answer.body, coding, limit: limit), next.hasEnd || answer.isCut || !next.isAll else {
        answer.body = []
        answer.isUnreadable = true
        return answer
      }
      answer.body = next.bytes
      answer.isCut = answer.isCut || !next.hasEnd || !next.isAll
    }
    return answer
  }

  private static func unpack(
    _ bytes: [UInt8], _ coding: String, limit: Int
  ) -> (bytes: [UInt8], isAll: Bool, hasEnd: Bool)? {
    switch coding {
    case "gzip", "x-gzip": Gzip.beginning(of: bytes, frame: .gzip, limit: limit)
    // Some omit the frame that is required (RFC 9110, section 8.4.1.2).
    case "deflate":
      Gzip.beginning(of: bytes, frame: .zlib, limit: limit) ?? Gzip.beginning(of: bytes, frame: .bare, limit: limit)
    default: nil
    }
  }
}
