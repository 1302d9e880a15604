internal import Glibc

/// The name of a folder entry: bytes, as the kernel sees it, in any encoding or none.
package struct FileName: Hashable, Sendable {
  /// Ends with the NUL that the kernel needs, so that no call has to copy the name.
  @usableFromInline
  let terminated: [UInt8]

  /// A name with these bytes.
  ///
  /// Nil if no folder can have such an entry: empty, `.`, `..`, or containing a slash or a NUL.
  package init?(bytes: some Sequence<UInt8>) {
    var terminated = Array(bytes)
    guard !terminated.isEmpty, terminated != [0x2E], terminated != [0x2E, 0x2E] else { return nil }
    guard !terminated.contains(0), !terminated.contains(0x2F) else { return nil }
    terminated.append(0)
    self.terminated = terminated
  }

  /// A name that this program built from parts known to be valid; a slash or a NUL in it becomes `_`.
  package init(_ text: String) {
    var terminated: [UInt8] = []
    terminated.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 { terminated.append(byte == 0 || byte == 0x2F ? 0x5F : byte) }
    if terminated.isEmpty || terminated == [0x2E] || terminated == [0x2E, 0x2E] { terminated.append(0x5F) }
    terminated.append(0)
    self.terminated = terminated
  }

  /// Bytes already known to be a valid name.
  init(known bytes: ArraySlice<UInt8>) {
    terminated = Array(unsafeUninitializedCapacity: bytes.count + 1) { buffer, count in
      _ = buffer.update(fromContentsOf: bytes)
      buffer[bytes.count] = 0
      count = bytes.count + 1
    }
  }

  /// A name from the kernel.
  init(entry name: UnsafePointer<CChar>, length: Int) {
    terminated = Array(unsafeUninitializedCapacity: length + 1) { buffer, count in
      buffer.withMemoryRebound(to: CChar.self) { $0.baseAddress?.update(from: name, count: length + 1) }
      count = length + 1
    }
  }

  package var bytes: ArraySlice<UInt8> { terminated.dropLast() }

  /// Its length in bytes.
  package var length: Int { terminated.count - 1 }

  /// The name followed by this text.
  package func appending(_ ending: String) -> FileName? {
    FileName(bytes: bytes + Array(ending.utf8))
  }

  package func hasSuffix(_ ending: String) -> Bool {
    bytes.reversed().starts(with: ending.utf8.reversed())
  }

  /// The same, ignoring the case of ASCII letters.
  package func hasSuffix(inAnyCase ending: String) -> Bool {
    guard length >= ending.utf8.count else { return false }
    return bytes.suffix(ending.utf8.count).elementsEqual(ending.utf8) { $0.lowerCased == $1.lowerCased }
  }

  /// The name with ASCII letters in lower case.
  package var lowerCased: FileName { FileName(known: ArraySlice(bytes.map(\.lowerCased))) }

  package func hasPrefix(_ beginning: String) -> Bool {
    bytes.starts(with: beginning.utf8)
  }

  /// Calls `body` with the name as the kernel needs it, NUL-terminated.
  @inlinable
  package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    terminated.withUnsafeBytes { raw in
      // Never nil: there is always the terminator.
      raw.baseAddress.map { body($0.assumingMemoryBound(to: CChar.self)) } ?? body("")
    }
  }
}

extension FileName: Comparable {
  package static func < (left: FileName, right: FileName) -> Bool {
    left.terminated.lexicographicallyPrecedes(right.terminated)
  }
}

extension FileName: CustomStringConvertible {
  /// The name as UTF-8, with U+FFFD for invalid bytes.
  package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension UInt8 {
  fileprivate var lowerCased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
