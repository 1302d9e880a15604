internal import CShims

/// The character set in which a legacy system writes its files, by iconv's name.
package struct Charset: Hashable, Sendable {
  let name: String

  /// Its name, for people.
  package var text: String { name }

  package static let utf8 = Charset("utf-8")

  /// A character set already checked when the configuration was read.
  package init(_ name: String) {
    self.name = name
  }

  /// Whether there is nothing to convert.
  var isUTF8: Bool { name == "utf-8" || name == "utf8" }

  /// Whether it is a variant of EBCDIC, whose lines end in NEL.
  var isEBCDIC: Bool { !isUTF8 && encoded(Array("A".utf8)) == [0xC1] }

  /// A text in this character set; unchanged if that is impossible.
  func encoded(_ utf8: [UInt8]) -> [UInt8] { CharsetEncoder(self).encoded(utf8) }
}

/// Converts text to a character set, part by part, as one file.
final class CharsetEncoder {
  private let converter: UnsafeMutableRawPointer?

  init(_ charset: Charset) {
    converter = charset.isUTF8 ? nil : eventdrop_iconv_open(charset.name, "utf-8")
  }

  deinit {
    if let converter { eventdrop_iconv_close(converter) }
  }

  /// The next part of the text, in whole characters; unchanged if it cannot be converted.
  func encoded(_ utf8: [UInt8]) -> [UInt8] {
    guard let converter else { return utf8 }
    // No character takes more than four bytes in any charset, nor does a byte order mark.
    var output = [UInt8](repeating: 0, count: utf8.count * 4 + 16)
    let written = utf8.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { buffer -> Int? in
        var from = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        var (fromLeft, toLeft) = (input.count, buffer.count)
        guard eventdrop_iconv(converter, &from, &fromLeft, &to, &toLeft) != .max,
          eventdrop_iconv(converter, nil, nil, &to, &toLeft) != .max
        else { return nil }
        return buffer.count - toLeft
      }
    }
    guard let written else { return utf8 }
    output.removeLast(output.count - written)
    return output
  }
}
