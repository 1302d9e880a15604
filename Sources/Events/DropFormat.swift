/// What a drop's name says about its content.
package enum DropFormat: Sendable {
  /// One event, or an array of events.
  case document
  /// One event per line.
  case lines

  /// The format of a file of this name, and whether it is compressed with gzip.
  ///
  /// A name with any other ending is read as a document: the inbox's patterns have accepted it.
  package static func of(fileName name: some BidirectionalCollection<UInt8>) -> (format: DropFormat, isCompressed: Bool)
  {
    var name = Array(name)
    let isCompressed = name.hasEnding(".gz")
    if isCompressed { name.removeLast(3) }
    let isLines = name.hasEnding(".jsonl") || name.hasEnding(".ndjson")
    return (isLines ? .lines : .document, isCompressed)
  }

  /// A file's name without the ending that gives its format; for any other ending, without the last dot and what
  /// follows it.
  package static func stem(ofFileName name: some BidirectionalCollection<UInt8>) -> [UInt8] {
    // Without its path, if it was in a sub-folder.
    var name = Array(name.split(separator: UInt8(ascii: "/")).last ?? name[...])
    if name.hasEnding(".gz") { name.removeLast(3) }
    guard let dot = name.lastIndex(of: 0x2E), dot > 0 else { return name }
    return Array(name[..<dot])
  }
}

extension [UInt8] {
  fileprivate func hasEnding(_ ending: String) -> Bool {
    // Some systems that drop files know only capitals.
    let ending = Array(ending.utf8)
    guard count > ending.count else { return false }
    return suffix(ending.count).elementsEqual(ending) { byte, wanted in
      let lowerCase = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      return lowerCase == wanted
    }
  }
}
