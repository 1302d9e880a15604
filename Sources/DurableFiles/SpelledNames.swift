internal import Glibc
package import SystemPackage

/// Names that are not text, as they are printed and can be typed: `\xFF` for a byte that is in no character, and
/// `\\` for a backslash beside one.
private enum SpelledBytes {
  /// The bytes that a text spells; nil if it spells none, and means itself.
  static func bytes(of text: String) -> [UInt8]? {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return nil }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "\\"): bytes.append(byte)
      case UInt8(ascii: "x"):
        let digits = rest.prefix(2)
        // Each byte below is a character.
        guard digits.count == 2, let value = UInt8(Substring(digits), radix: 16), value >= 0x80 else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: return nil
      }
    }
    // What is text is never spelled.
    return String(validating: bytes, as: UTF8.self) == nil ? bytes : nil
  }
}

extension FileName {
  /// The names that a text may stand for, the likeliest first: the one that it spells, and the one that it is.
  package static func candidates(_ text: String) -> [FileName] {
    [SpelledBytes.bytes(of: text), Array(text.utf8)].compactMap { $0.flatMap { FileName(bytes: $0) } }
  }

  /// The name at the end of a path; nil if there is none.
  package init?(lastOf path: FilePath) {
    guard let component = path.lastComponent else { return nil }
    self.init(bytes: component.withPlatformString { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) })
  }
}

extension FilePath {
  /// The path that a text stands for: the one that it spells, unless only the one that it is exists.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - files: The system calls.
  package init(spelled text: String, files: any FileOperations = SystemFiles()) {
    let own = FilePath(text)
    guard let bytes = SpelledBytes.bytes(of: text) else {
      self = own
      return
    }
    let spelled = FilePath(platformString: bytes.map { CChar(bitPattern: $0) } + [0])
    self = !spelled.isThere(files) && own.isThere(files) ? own : spelled
  }

  private func isThere(_ files: any FileOperations) -> Bool { (try? files.folderStatus(self)) != nil }
}
