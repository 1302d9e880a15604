internal import Events
internal import ExactJSON

/// An answer that says something of each event: `{"results":[{"eventId":"…","status":"…","error":"…"}]}`.
enum ResultsAnswer {
  /// Reads it.
  ///
  /// n8n makes an array of it where the webhook responds with all items, so a list of such objects is read as well.
  ///
  /// - Parameters:
  ///   - body: The answer.
  ///   - eventIds: The events that were sent.
  ///   - mask: Takes secrets out of what is said of events.
  /// - Returns: A result for each event, in their order; nil where there are no results at all.
  static func read(_ body: [UInt8], eventIds: [EventID], mask: SecretMask = .nothing) -> [EventResult]? {
    var document = JSONDocument()
    let bytes = body.span
    guard (try? document.scan(bytes)) != nil else { return nil }
    var lists: [JSONValue] = []
    switch document.root.kind {
    case .object:
      lists = document.members.filter { JSONText.name(of: $0, in: bytes, equals: "results") }.map(\.value)
    case .array:
      var members: [JSONMember] = []
      for element in document.elements where element.kind == .object {
        JSONText.members(of: element, in: bytes, into: &members)
        lists += members.filter { JSONText.name(of: $0, in: bytes, equals: "results") }.map(\.value)
      }
    default: return nil
    }
    lists.removeAll { $0.kind != .array }
    guard !lists.isEmpty else { return nil }

    var said: [EventID: EventResult] = [:]
    var elements: [JSONValue] = []
    var members: [JSONMember] = []
    for list in lists {
      JSONText.elements(of: list, in: bytes, into: &elements)
      for element in elements where element.kind == .object {
        JSONText.members(of: element, in: bytes, into: &members)
        guard let entry = entry(members, in: bytes, mask: mask) else { continue }
        // Whoever says two things of one event has not made up his mind.
        if let other = said[entry.eventId], other != entry.result {
          said[entry.eventId] = .retry("the answer names it twice, with different results")
        } else {
          said[entry.eventId] = entry.result
        }
      }
    }
    return eventIds.map { said[$0] ?? .unnamed }
  }

  private static func entry(
    _ members: [JSONMember], in bytes: Span<UInt8>, mask: SecretMask
  ) -> (eventId: EventID, result: EventResult)? {
    func text(_ name: StaticString) -> String? {
      guard let value = members.first(where: { JSONText.name(of: $0, in: bytes, equals: name) })?.value else {
        return nil
      }
      switch value.kind {
      case .string:
        return JSONText.string((value.range.lowerBound + 1)..<(value.range.upperBound - 1), in: bytes)
      // An id that was dropped as a number is stored by its digits.
      case .number:
        return String(decoding: value.range.map { bytes[$0] }, as: UTF8.self)
      default: return nil
      }
    }
    guard let eventId = text("eventId") else { return nil }
    let error = text("error").map { String(mask.applied(to: $0).prefix(500)) }
    let result: EventResult =
      switch text("status") {
      case "ok", "duplicate": .acknowledged
      case "reject": .reject(error)
      default: .retry(error)
      }
    return (EventID(eventId), result)
  }
}
