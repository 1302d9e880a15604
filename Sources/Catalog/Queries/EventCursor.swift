internal import Digests
internal import Events

/// A place in the list of all events, newest first, which remains the same place when newer ones arrive.
///
/// Its text is opaque; it needs no escaping in addresses and shells.
package struct EventCursor: Hashable, Sendable, LosslessStringConvertible {
  /// Milliseconds since 1970.
  var time: Int64
  /// Records have the number of their writing; failed files follow those of the same moment, ordered by name.
  var sequence: Int64
  /// The folder and the name of a failed file, in bytes.
  var name: [UInt8]

  init(time: Int64, sequence: Int64, name: [UInt8] = []) {
    self.time = time
    self.sequence = sequence
    self.name = name
  }

  package init?(_ description: String) {
    let parts = description.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let time = Int64(parts[0]), let sequence = Int64(parts[1]),
      let name = Self.decoded(parts[2])
    else { return nil }
    self.init(time: time, sequence: sequence, name: name)
  }

  package var description: String { "\(time)-\(sequence)-\(Self.encoded(name))" }

  /// Letters, digits and full stops unchanged, any other byte as `_` and two digits.
  private static func encoded(_ name: [UInt8]) -> String {
    var text: [UInt8] = []
    for byte in name {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."):
        text.append(byte)
      default: text += [UInt8(ascii: "_")] + Digests.hexadecimal([byte])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func decoded(_ text: Substring) -> [UInt8]? {
    var name: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "_") else {
        name.append(byte)
        continue
      }
      guard let value = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
      name.append(value)
      rest = rest.dropFirst(2)
    }
    return name
  }
}

extension EventCursor: Comparable {
  package static func < (left: EventCursor, right: EventCursor) -> Bool {
    guard (left.time, left.sequence) == (right.time, right.sequence) else {
      return (left.time, left.sequence) < (right.time, right.sequence)
    }
    return left.name.lexicographicallyPrecedes(right.name)
  }
}
