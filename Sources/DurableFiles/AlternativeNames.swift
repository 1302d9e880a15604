internal import Digests

/// The names that a file may get if its own is taken, in the order in which they are tried.
///
/// `NAME.error` must fit as well: a name of more than 240 bytes is cut to its first 200, `~`, 8 hex digits of its
/// SHA-256, and its ending, preceded by a `.rest` if it has one. If a name is taken, `~2`, `~3`, … goes before its
/// ending.
package struct AlternativeNames {
  private let stem: [UInt8]
  private let ending: [UInt8]

  package init(_ name: FileName) {
    let bytes = Array(name.bytes)
    let ending = bytes.suffix(from: bytes.endingStart)
    // An ending that is most of the name does not count as one.
    self.ending = ending.count <= 32 ? Array(ending) : []
    guard bytes.count > 240 else {
      stem = Array(bytes.dropLast(self.ending.count))
      return
    }
    // The mark of a file that is the rest of another is kept.
    let rest = Array(".rest".utf8)
    let isRest = bytes.dropLast(self.ending.count).suffix(rest.count).elementsEqual(rest)
    stem = bytes.prefix(200) + [0x7E] + Digests.sha256Digits(bytes.span).prefix(8) + (isRest ? rest : [])
  }

  /// The n-th name, from 1.
  package func candidate(_ number: Int) -> FileName {
    let distinction = number == 1 ? [] : Array("~\(number)".utf8)
    return FileName(bytes: stem + distinction + ending) ?? FileName("unnamed~\(number)")
  }
}

extension [UInt8] {
  /// Where the ending begins: the last dot and what follows it, including what precedes a `.gz`.
  fileprivate var endingStart: Int {
    guard let dot = lastIndex(of: 0x2E), dot > 0 else { return count }
    guard self[dot...].elementsEqual(".gz".utf8) else { return dot }
    guard let inner = self[..<dot].lastIndex(of: 0x2E), inner > 0 else { return dot }
    return inner
  }
}

extension FileName {
  /// The ending of sidecars.
  package static let sidecarEnding = ".error"

  /// The name of this file's sidecar; nil if the name leaves no room for it.
  package var sidecar: FileName? {
    length + Self.sidecarEnding.utf8.count <= 255 ? appending(Self.sidecarEnding) : nil
  }

  package var isSidecar: Bool { hasSuffix(Self.sidecarEnding) }

  /// The name of the file to which a sidecar of this name belongs.
  package var withoutSidecarEnding: FileName? {
    isSidecar ? FileName(bytes: bytes.dropLast(Self.sidecarEnding.utf8.count)) : nil
  }
}
