/// Lets tasks through one at a time, in order of arrival.
///
/// It is part of one actor's state.
package final class Turnstile {
  /// A place in the order.
  package struct Ticket: Hashable, Sendable {
    fileprivate var number: Int
  }

  /// Who is inside or waiting, oldest first.
  private var order: [Ticket] = []
  private var last = 0
  private let changed = Condition()

  package init() {}

  /// Takes the last place.
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

  /// Gives a place back, so that nobody waits for it any more; a second call does nothing.
  package func leave(_ ticket: Ticket) {
    order.removeAll { $0 == ticket }
    changed.wakeAll()
  }
}
