internal import ExactJSON
internal import Synchronization
internal import Time

/// Takes requests one after the other, decides the answer to each and prints what came.
final class SinkDesk: Sendable {
  private struct State: Sendable {
    var behaviour: SinkBehaviour
    var document = JSONDocument()
    var requests = 0
    var events = 0
    /// Of each event that is held, in the order in which they came, how many copies.
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

  /// The answer to a request, which is printed.
  ///
  /// - Parameters:
  ///   - request: The request; what its body holds is filled in here, unless that is a problem already.
  ///   - body: Its body, nil where the request tells all.
  /// - Returns: What to send back.
  func answer(to request: SinkRequest, body: Span<UInt8>?) -> SinkAnswer {
    // Printed under the lock, so that lines stand in the order in which answers were decided.
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

  /// How many copies of each event are held that was taken and never answered; nil where none is.
  var held: [(eventId: String, copies: Int)]? {
    state.withLock { state in
      state.order.isEmpty ? nil : state.order.map { ($0, state.held[$0] ?? 0) }
    }
  }

  /// How much came in all, for a person.
  var summary: String {
    state.withLock { state in
      "\(state.requests) request\(state.requests == 1 ? "" : "s"), \(state.events) event\(state.events == 1 ? "" : "s")"
    }
  }
}
