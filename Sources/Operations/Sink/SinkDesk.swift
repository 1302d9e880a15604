internal import ExactJSON
internal import Synchronization
internal import Time

/// Takes requests one after the other, decides the answer to each and prints what arrived.
final class SinkDesk: Sendable {
  private struct State: Sendable {
    var behaviour: SinkBehaviour
    var document = JSONDocument()
    var requests = 0
    var events = 0
    /// The number of copies of each held event; `order` has the order in which they came.
    var held: [String: Int] = [:]
    var order: [String] = []

    mutating func hold(_ eventIds: [String]) {
      for eventId in eventIds {
        if held[eventId] == nil { order.append(eventId) }
        held[eventId, default: 0] += 1
      }
    }
  }

  private let output: SinkOptions.Output
  private let timeZone: TimeZoneRules
  private let writer: LineWriter
  private let state: Mutex<State>

  init(_ options: SinkOptions, writer: LineWriter) {
    output = options.output
    timeZone = options.timeZone
    self.writer = writer
    state = Mutex(State(behaviour: SinkBehaviour(options)))
  }

  /// Prints a request and returns its answer.
  ///
  /// - Parameters:
  ///   - request: The request; its content is filled in here, unless it is already a problem.
  ///   - body: Its body; nil if the request says everything.
  /// - Returns: What to send back.
  func answer(to request: SinkRequest, body: Span<UInt8>?) -> SinkAnswer {
    // Printed under the lock, so that lines are in the order in which answers were decided.
    state.withLock { state in
      var request = request
      if let body, request.method == "POST" {
        do throws(SinkBatchError) {
          request.content = .batch(try SinkBatch(body, scanningIn: &state.document))
        } catch {
          request.content = .problem(.unreadable(error))
        }
      }
      let answer = state.behaviour.answer(to: request)
      guard request.method != "OPTIONS" else {
        if output == .text { writer.write(lines: request.textLines(answered: answer, in: timeZone)) }
        return answer
      }
      state.requests += 1
      state.events += request.events.count
      if answer.isNever { state.hold(request.events.compactMap(\.eventId)) }
      switch output {
      case .text: writer.write(lines: request.textLines(answered: answer, in: timeZone))
      case .json: writer.write(request.jsonLine(answered: answer))
      case .quiet: break
      }
      return answer
    }
  }

  /// How many copies are held of each event that was accepted and never answered; nil if there are none.
  var held: [(eventId: String, copies: Int)]? {
    state.withLock { state in
      state.order.isEmpty ? nil : state.order.map { ($0, state.held[$0] ?? 0) }
    }
  }

  /// The totals, for people.
  var summary: String {
    state.withLock { state in
      "\(state.requests) request\(state.requests == 1 ? "" : "s"), \(state.events) event\(state.events == 1 ? "" : "s")"
    }
  }
}
