internal import Events
internal import ExactJSON

/// An answer with a result for each event: `{"results":[{"eventId":"…","status":"…","error":"…"}]}`.
enum ResultsAnswer {
  /// Reads it, in each of the shapes that n8n's ways to respond produce: the object; its list alone; a list of items,
  /// each with a list or with one result; and the same items under `json`, as they are inside a workflow.
  ///
  /// - Parameters:
  ///   - body: The answer.
  ///   - eventIds: The events that were sent.
  ///   - mask: Takes secrets out of what is said about events.
  /// - Returns: A result for each event, in their order; nil if it has none of these shapes.
  static func read(_ body: [UInt8], eventIds: [EventID], mask: SecretMask = .nothing) -> [EventResult]? {
    var document = JSONDocument()
    guard (try? document.scan(body.span)) != nil else { return nil }
    var reader = Reader(body: body, mask: mask)
    switch document.root.kind {
    case .object:
      guard reader.read(document.members) else { return nil }
    case .array:
      var isRead = document.elements.isEmpty
      for element in document.elements where element.kind == .object {
        if reader.read(reader.members(of: element)) { isRead = true }
      }
      guard isRead else { return nil }
    default: return nil
    }
    return eventIds.map { reader.said[$0] ?? .unnamed }
  }

  private struct Reader {
    let body: [UInt8]
    let mask: SecretMask
    var said: [EventID: EventResult] = [:]

    func members(of value: JSONValue) -> [JSONMember] {
      var members: [JSONMember] = []
      JSONText.members(of: value, in: body.span, into: &members)
      return members
    }

    private func values(_ name: StaticString, _ kind: JSONKind, of members: [JSONMember]) -> [JSONValue] {
      members.filter { $0.value.kind == kind && JSONText.name(of: $0, in: body.span, equals: name) }.map(\.value)
    }

    /// Reads an object that has a list of results, is one result, or has either under `json`.
    mutating func read(_ item: [JSONMember]) -> Bool {
      if readItself(item) { return true }
      for inner in values("json", .object, of: item) where readItself(members(of: inner)) { return true }
      return false
    }

    private mutating func readItself(_ item: [JSONMember]) -> Bool {
      let lists = values("results", .array, of: item)
      guard !lists.isEmpty else { return note(item) }
      var elements: [JSONValue] = []
      for list in lists {
        JSONText.elements(of: list, in: body.span, into: &elements)
        for element in elements where element.kind == .object {
          let result = members(of: element)
          if !note(result) { for inner in values("json", .object, of: result) { _ = note(members(of: inner)) } }
        }
      }
      return true
    }

    /// Notes what an object says about an event, if anything.
    private mutating func note(_ members: [JSONMember]) -> Bool {
      guard let eventId = text("eventId", of: members), let status = text("status", of: members) else { return false }
      let error = text("error", of: members).map { String(mask.applied(to: $0).prefix(500)) }
      let result: EventResult =
        switch status {
        case "ok", "duplicate": .acknowledged
        case "reject": .reject(error)
        default: .retry(error)
        }
      // An answer that says two different things about an event is not to be trusted.
      let other = said.updateValue(result, forKey: EventID(eventId))
      if let other, other != result {
        said[EventID(eventId)] = .contradicted
      }
      return true
    }

    private func text(_ name: StaticString, of members: [JSONMember]) -> String? {
      let bytes = body.span
      guard let value = members.first(where: { JSONText.name(of: $0, in: body.span, equals: name) })?.value else {
        return nil
      }
      switch value.kind {
      case .string:
        return JSONText.string(value.withoutQuotes, in: bytes)
      // An id that was dropped as a number is stored as its digits.
      case .number: return String(decoding: body[value.range], as: UTF8.self)
      default: return nil
      }
    }
  }
}
