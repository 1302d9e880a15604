/// Percent-encoded texts in an address.
enum URLText {
  /// Decodes a text; nil if it is not encoded UTF-8 (RFC 3986, section 2.1).
  static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, let first = digits.first, first != UInt8(ascii: "+"),
        let value = UInt8(Substring(digits), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The names and values of a query (the URL standard's `application/x-www-form-urlencoded`).
  ///
  /// - Throws: `QueryMistake` if it is not encoded UTF-8.
  static func parameters(_ query: String?) throws(QueryMistake) -> [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = []
    for pair in (query ?? "").split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { decoded($0.replacing("+", with: " ")) }
      guard let name = sides[0], let value = sides.count > 1 ? sides[1] : "" else {
        throw QueryMistake("the query is not percent-encoded UTF-8")
      }
      parameters.append((name, value))
    }
    return parameters
  }
}
