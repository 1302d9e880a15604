/// One JSON text (RFC 8259), checked, and where its parts stand.
///
/// A document is meant to be used again and again: its arrays keep their memory from scan to scan.
package struct JSONDocument: Sendable {
  /// The text's value; null with an empty range before a scan, and after one that failed.
  package private(set) var root = JSONValue(kind: .null, range: 0..<0)
  /// Where the root is an object: its members, in order, duplicates included, as many as were to be noted.
  package var members: [JSONMember] { noted.members }
  /// Where the root is an array: its elements, in order, as many as were to be noted.
  package var elements: [JSONValue] { noted.elements }
  /// Whether the root has more of them.
  package var hasLeftOut: Bool { noted.hasLeftOut }
  /// The deepest nesting of containers; 0 for a root that is none, 1 for `{}`.
  package private(set) var depth = 0
  /// The offset of the bracket that first went deeper than the depth of interest, if one did.
  package private(set) var firstTooDeep: Int?
  private var noted = NotedChildren()
  private var stack = ContainerStack()

  /// An empty document, as if nothing had been scanned.
  package init() {}

  /// Reads one JSON text, with white space around it allowed, that fills the bytes.
  ///
  /// UTF-8 is checked strictly; lone surrogates in `\u` escapes are let through, for the grammar has them. A byte
  /// order mark is refused (RFC 8259, section 8.1, leaves it to the reader): who allows one takes it off before.
  ///
  /// - Parameters:
  ///   - bytes: the text. All ranges and offsets count from its begin.
  ///   - depthLimit: how many containers may stand inside each other.
  ///   - depthOfInterest: the depth for ``firstTooDeep``.
  ///   - noteLimit: how many members or elements are noted; beyond them, a text of any size takes no memory.
  /// - Throws: the first mistake; the document is then empty.
  package mutating func scan(
    _ bytes: Span<UInt8>, depthLimit: Int = 512, depthOfInterest: Int = .max, noteLimit: Int = .max
  ) throws(JSONError) {
    clear()
    noted.limit = noteLimit
    do throws(JSONError) {
      let outcome = try bytes.withUnsafeBufferPointer { (text) throws(JSONError) in
        try Scanner.scan(
          text, 0..<text.count, depthLimit: depthLimit, depthOfInterest: depthOfInterest, stack: &stack,
          children: &noted)
      }
      root = outcome.root
      depth = outcome.depth
      firstTooDeep = outcome.firstTooDeep
    } catch {
      clear()
      throw error
    }
  }

  /// Forgets what was scanned, and keeps the memory.
  package mutating func clear() {
    root = JSONValue(kind: .null, range: 0..<0)
    noted.clear()
    depth = 0
    firstTooDeep = nil
  }
}
