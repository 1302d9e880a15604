/// Receives the members or elements of a root as a scan finds them.
protocol ChildSink {
  mutating func add(_ member: JSONMember)
  mutating func add(_ element: JSONValue)
}

/// Keeps as many of them as are wanted: a short one takes several times its length in the text.
struct NotedChildren: ChildSink, Sendable {
  var members: [JSONMember] = []
  var elements: [JSONValue] = []
  /// How many are kept.
  var limit = Int.max
  /// Whether there were more.
  private(set) var hasLeftOut = false

  @inline(__always)
  mutating func add(_ member: JSONMember) {
    if members.count < limit { members.append(member) } else { hasLeftOut = true }
  }

  @inline(__always)
  mutating func add(_ element: JSONValue) {
    if elements.count < limit { elements.append(element) } else { hasLeftOut = true }
  }

  /// Forgets them, but keeps the memory.
  mutating func clear() {
    members.removeAll(keepingCapacity: true)
    elements.removeAll(keepingCapacity: true)
    hasLeftOut = false
  }
}

/// Passes them on, one at a time.
private struct ChildVisitor: ChildSink {
  var visitMember: (JSONMember) -> Void = { _ in }
  var visitElement: (JSONValue) -> Void = { _ in }

  mutating func add(_ member: JSONMember) { visitMember(member) }
  mutating func add(_ element: JSONValue) { visitElement(element) }
}

extension JSONText {
  /// Calls `body` with each member of an object, in order, duplicates included; none of them is kept.
  ///
  /// - Parameters:
  ///   - object: a value of kind object; any other has no members.
  ///   - bytes: the scanned text.
  ///   - body: receives the members.
  package static func forEachMember(of object: JSONValue, in bytes: Span<UInt8>, _ body: (JSONMember) -> Void) {
    guard object.kind == .object else { return }
    withoutActuallyEscaping(body) { body in
      var visitor = ChildVisitor(visitMember: body)
      _ = split(object, bytes, &visitor)
    }
  }

  /// Calls `body` with each element of an array, in order; none of them is kept.
  ///
  /// - Parameters:
  ///   - array: a value of kind array; any other has no elements.
  ///   - bytes: the scanned text.
  ///   - body: receives the elements.
  package static func forEachElement(of array: JSONValue, in bytes: Span<UInt8>, _ body: (JSONValue) -> Void) {
    guard array.kind == .array else { return }
    withoutActuallyEscaping(body) { body in
      var visitor = ChildVisitor(visitElement: body)
      _ = split(array, bytes, &visitor)
    }
  }
}
