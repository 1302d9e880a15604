/// Very many file names in one block of memory, because a `FileName` each would cost several times its bytes.
package struct PackedNames: Sendable {
  /// Where a name is in the block.
  package struct Place: Sendable {
    fileprivate var start: UInt32
    fileprivate var length: UInt16
    fileprivate var range: Range<Int> { Int(start)..<Int(start) + Int(length) }
  }

  private var bytes: [UInt8] = []

  package init() {}

  /// The total length of the names in bytes; at most 4 GiB.
  package var byteCount: Int { bytes.count }

  /// Appends a name.
  package mutating func append(_ name: FileName) -> Place {
    append(name.bytes)
  }

  /// Appends a name from another block.
  package mutating func append(_ place: Place, of others: PackedNames) -> Place {
    append(others.bytes[place.range])
  }

  private mutating func append(_ name: ArraySlice<UInt8>) -> Place {
    let place = Place(start: UInt32(bytes.count), length: UInt16(name.count))
    bytes += name
    return place
  }

  package subscript(place: Place) -> FileName { FileName(known: bytes[place.range]) }

  /// Whether one name comes before another, byte by byte.
  package func precedes(_ left: Place, _ right: Place) -> Bool {
    bytes[left.range].lexicographicallyPrecedes(bytes[right.range])
  }
}
