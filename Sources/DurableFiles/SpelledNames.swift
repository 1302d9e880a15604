internal import Glibc
package import SystemPackage

/// Names that are not text, as they are printed and can be typed: `\xFF` for a byte that is in no character, and
/// `\\` for a backslash beside one.
package enum SpelledBytes {
  /// The text that stands for bytes of unknown encoding.
  ///
  /// Valid UTF-8 is that text; otherwise each byte that is not part of a character is written as `\xFF`, and a
  /// backslash as two.
  package static func text(of bytes: some Collection<UInt8>) -> String {
    if let valid = String(validating: bytes, as: UTF8.self) { return valid }
    var result = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      // No character is longer than four bytes, and the shortest valid prefix is exactly one.
      let character = (1...4).lazy.compactMap { String(validating: rest.prefix($0), as: UTF8.self) }.first
      if let character {
        result += character == "\\" ? "\\\\" : character
        rest = rest.dropFirst(character.utf8.count)
      } else {
        // Such a byte is at least 0x80, and has two digits.
        result += "\\x" + String(first, radix: 16, uppercase: true)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// The bytes that a text spells; nil if it spells none, and means itself.
  fileprivate static func bytes(of text: String) -> [UInt8]? {
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

  /// The name as it is printed and can be typed.
  package var spelled: String { SpelledBytes.text(of: bytes) }
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

  /// Its bytes.
  package var bytes: [UInt8] { withBytes { Array($0) } }

  /// The path as it is printed and can be typed.
  package var spelled: String { withBytes { SpelledBytes.text(of: $0) } }

  /// Whether it is text: only such a path can be passed to programs and libraries that take one as a string.
  package var isText: Bool { withBytes { String(validating: $0, as: UTF8.self) != nil } }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withPlatformString { body(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  /// The path of an entry of this folder, byte for byte.
  package func appending(_ name: FileName) -> FilePath {
    name.withCString { pushing(FilePath(platformString: $0)) }
  }

  private func isThere(_ files: any FileOperations) -> Bool { (try? files.folderStatus(self)) != nil }
}
