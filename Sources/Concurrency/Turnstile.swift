/// Lets tasks through one at a time, in the order in which they came.
///
/// It belongs to one actor, as its state.
package final class Turnstile {
  /// A place in the order.
  package struct Ticket: Hashable, Sendable {
    fileprivate var number: Int
  }

  /// Who is inside or waits, oldest first.
  private var order: [Ticket] = []
  private var last = 0
  private let changed = Condition()

  package init() {}

  /// Takes a place behind all that have one.
  package func enter() -> Ticket {
    last += 1
    order.append(Ticket(number: last))
    return Ticket(number: last)
  }

  /// Whether nobody has an earlier place.
  package func isFirst(_ ticket: Ticket) -> Bool { order.first == ticket }

  /// Returns once nobody has an earlier place; at once if this one was given back.
  package func wait(for ticket: Ticket) async {
    while let first = order.first, first.number < ticket.number { await changed.wait() }
  }

  /// Gives a place back, in which nothing has to be waited for any more; the second time does nothing.
  package func leave(_ ticket: Ticket) {
    order.removeAll { $0 == ticket }
    changed.wakeAll()
  }
}
