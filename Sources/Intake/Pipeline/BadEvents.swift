internal import Catalog
internal import Events

/// Failed events of a file that are not set aside yet, with their bytes.
struct BadParts {
  typealias Part = (index: Int, bytes: [UInt8], failure: DropFailure)

  private(set) var parts: [Part] = []
  /// Their total size in bytes.
  private(set) var bytes = 0

  var count: Int { parts.count }
  var isEmpty: Bool { parts.isEmpty }

  mutating func add(_ part: Part) {
    parts.append(part)
    bytes += part.bytes.count
  }

  /// Sorts them in file order.
  mutating func sort() { parts.sort { $0.index < $1.index } }

  mutating func removeFirst(_ count: Int) {
    parts.removeFirst(count)
    bytes = parts.reduce(0) { $0 + $1.bytes.count }
  }
}

/// The failed events of a file.
///
/// Their cost is bounded by the size of the file: the first become separate files, the rest go together into one more,
/// and if even that would exceed the file itself, they stay in it.
struct BadEvents {
  /// How many became separate files.
  var alone = 0
  /// How many bytes were written for all of them.
  var bytes = 0
  /// The file of the rest.
  var rest: RestFile?
  /// How many stay in the file, which is set aside as a whole.
  var left = 0
  var firstLeft: DropFailure?
  /// Where they went, for the log.
  var retried = 0
  var failed = 0
  var first: DropFailure?

  /// At most this many become separate files.
  static let aloneLimit = 100
  /// How much may be written for a small file that decompresses to a large one.
  private static let bytesLimit = 8 << 20

  var count: Int { alone + (rest?.count ?? 0) + left }

  /// Whether this much more may be written for a file of that size.
  func mayCost(_ more: Int, of size: Int) -> Bool { bytes + more <= max(size, Self.bytesLimit) }

  /// Counts where some of them went.
  mutating func count(_ number: Int, in place: FailedPlace) {
    if place == .retry { retried += number } else { failed += number }
  }

  mutating func leave(_ failure: DropFailure) {
    left += 1
    if first == nil { first = failure }
    if firstLeft == nil { firstLeft = failure }
  }
}
