internal import Events
internal import Time

extension TimeZoneError {
  /// The sentence for it.
  var message: Message {
    switch self {
    case .unknown(let name, let near?):
      Message(FormatMessage.misspeltZone, ["name": .text(name), "near": .text(near)])
    case .unknown(let name, nil): Message(FormatMessage.unknownZone, ["name": .text(name)])
    case .unreadable(let name): Message(FormatMessage.unreadableZone, ["name": .text(name)])
    case .noDatabase: Message(FormatMessage.noZones)
    }
  }
}

extension ScheduleError {
  /// The sentence for it.
  var message: Message {
    switch reason {
    case .noRules: Message(FormatMessage.noRules)
    case .unknownShortcut(let rule): Message(FormatMessage.unknownShortcut, ["rule": .text(rule)])
    case .interval(let rule): Message(FormatMessage.interval, ["rule": .text(rule)])
    case .sixFields(let rule, let rest):
      Message(FormatMessage.sixFields, ["rule": .text(rule), "rest": .text(rest)])
    case .otherFields(let rule, let count):
      Message(FormatMessage.otherFields, ["rule": .text(rule), "count": .integer(count)])
    case .field(let field, let text, let mistake): Self.message(.text(field.rawValue), .text(text), mistake)
    }
  }

  /// The rule that was probably meant, as a sentence.
  var hint: Message? { suggestion.map { Message(HintMessage.writeInQuotes, ["text": .text($0)]) } }

  private static func message(_ field: Message.Value, _ text: Message.Value, _ mistake: FieldMistake) -> Message {
    func message(_ code: FormatMessage, _ range: ClosedRange<Int>) -> Message {
      Message(
        code,
        [
          "field": field, "text": text, "from": .integer(range.lowerBound), "to": .integer(range.upperBound),
        ])
    }
    return switch mistake {
    case .step(let maximum):
      Message(FormatMessage.fieldStep, ["field": field, "text": text, "to": .integer(maximum)])
    case .backwards: Message(FormatMessage.fieldBackwards, ["field": field, "text": text])
    case .outOfRange(let range): message(.fieldRange, range)
    case .unclear(let example): message(.field, example)
    }
  }
}
