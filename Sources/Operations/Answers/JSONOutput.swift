internal import ExactJSON
package import Time

/// A piece of JSON for programs, with its members in the given order.
package struct JSONOutput: Sendable {
  package var bytes: [UInt8]

  /// Existing JSON.
  package init(bytes: [UInt8]) { self.bytes = bytes }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package static let null = JSONOutput(bytes: Array("null".utf8))

  package static func text(_ text: String?) -> JSONOutput {
    guard let text else { return null }
    var bytes: [UInt8] = []
    JSONText.appendQuoted(text.utf8, to: &bytes)
    return JSONOutput(bytes: bytes)
  }

  package static func number(_ number: Int?) -> JSONOutput {
    number.map { JSONOutput(bytes: Array("\($0)".utf8)) } ?? null
  }

  package static func time(_ time: Timestamp?) -> JSONOutput { text(time?.rfc3339) }

  package static func flag(_ isSet: Bool) -> JSONOutput { JSONOutput(bytes: Array(isSet ? "true".utf8 : "false".utf8)) }

  package static func object(_ members: [(String, JSONOutput)]) -> JSONOutput {
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONText.appendQuoted(member.0.utf8, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      bytes += member.1.bytes
    }
    bytes.append(UInt8(ascii: "}"))
    return JSONOutput(bytes: bytes)
  }

  package static func array(_ elements: [JSONOutput]) -> JSONOutput {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += element.bytes
    }
    bytes.append(UInt8(ascii: "]"))
    return JSONOutput(bytes: bytes)
  }
}
