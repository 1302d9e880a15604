/// One checked JSON text (RFC 8259), and the places of its parts.
///
/// A document is meant to be reused: its arrays keep their memory from scan to scan.
package struct JSONDocument: Sendable {
  /// The text's value; null with an empty range before a scan and after a failed one.
  package private(set) var root = JSONValue(kind: .null, range: 0..<0)
  /// If the root is an object: its members, in order, including duplicates, up to the limit.
  package var members: [JSONMember] { noted.members }
  /// If the root is an array: its elements, in order, up to the limit.
  package var elements: [JSONValue] { noted.elements }
  /// Whether the root has more of them.
  package var hasLeftOut: Bool { noted.hasLeftOut }
  /// The deepest nesting of containers; 0 if the root is not a container, 1 for `{}`.
  package private(set) var depth = 0
  /// The offset of the first bracket beyond the depth of interest, if any.
  package private(set) var firstTooDeep: Int?
  private var noted = NotedChildren()
  private var stack = ContainerStack()

  /// An empty document, as if nothing had been scanned.
  package init() {}

  /// Scans one JSON text, optionally surrounded by white space, that fills the bytes.
  ///
  /// UTF-8 is checked strictly; lone surrogates in `\u` escapes are accepted, because the grammar allows them. A byte
  /// order mark is refused (RFC 8259, section 8.1, leaves this to the reader): callers that allow one remove it first.
  ///
  /// - Parameters:
  ///   - bytes: the text. All ranges and offsets count from its beginning.
  ///   - depthLimit: how deeply containers may be nested.
  ///   - depthOfInterest: the depth for ``firstTooDeep``.
  ///   - noteLimit: how many members or elements are kept; beyond them, a text of any size takes no memory.
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

  /// Forgets what was scanned, but keeps the memory.
  package mutating func clear() {
    root = JSONValue(kind: .null, range: 0..<0)
    noted.clear()
    depth = 0
    firstTooDeep = nil
  }
}
