/// Whether each open container is an object or an array, one bit each: the innermost in a register, the others in an
/// array that only deeply nested texts need.
struct ContainerStack: Sendable {
  private var top: UInt64 = 0
  private var count: UInt = 0
  private var rest: [UInt64] = []

  /// Whether the innermost open container is an object; false if none is open.
  @inline(__always)
  var topIsObject: Bool { top & 1 != 0 }

  @inline(__always)
  mutating func push(isObject: Bool) {
    if count & 63 == 63 { spill() }
    top = top << 1 | (isObject ? 1 : 0)
    count &+= 1
  }

  @inline(__always)
  mutating func pop() {
    top >>= 1
    count &-= 1
    if count & 63 == 63 { restore() }
  }

  /// Empties the stack, but keeps its memory.
  mutating func removeAll() {
    top = 0
    count = 0
    rest.removeAll(keepingCapacity: true)
  }

  // Called with 63, 127, 191, … open: the register holds 63 bits the first time and 64 each later time, so nothing is
  // lost when it is saved, and on the way back the same counts mean that it is empty.
  @inline(never)
  private mutating func spill() {
    rest.append(top)
    top = 0
  }

  @inline(never)
  private mutating func restore() {
    top = rest.popLast() ?? 0
  }
}
