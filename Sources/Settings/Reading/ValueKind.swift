/// A kind of value that a key can have: how a text is read as one, and what a person is told where it is none.
struct ValueKind<Value> {
  /// What is expected, as it follows "expected": `a duration such as 2s, 5m or 1h`.
  let expectation: String
  /// Whether the value is nobody's business, so that no message may show it.
  var isSecret = false
  /// Whether a message may show what stands there instead; no kind may unless somebody has decided it (see `Quotation`).
  var isQuotable = false
  /// The same for programs.
  var form = ValueForm.text
  let read: (String) throws(ValueMistake) -> Value

  /// Reads the value of a key.
  ///
  /// - Returns: Nil where it is none of this kind, which is reported.
  func value(of node: YAMLNode, named key: String, log: ProblemLog) -> Value? {
    switch node.content {
    case .scalar(let scalar) where !node.isNull:
      do {
        return try read(scalar.text)
      } catch {
        log.report("\(key): \(message(for: error, in: scalar))", at: node.place)
        return nil
      }
    case .refused: return nil
    default:
      log.report("\(key): expected \(expectation), not \(node.kindName)", at: node.place)
      return nil
    }
  }

  /// What is wrong with quotes that a word processor has put there.
  private static func typographicQuotes(in text: String) -> String? {
    guard let first = text.unicodeScalars.first, "“”„‘’«".unicodeScalars.contains(first) else { return nil }
    return "; these quotes are part of the text: write plain ones, \" or '"
  }

  private func message(for mistake: ValueMistake, in scalar: YAMLScalar) -> String {
    let expected = "expected \(mistake.expectation ?? expectation)"
    guard let origin = scalar.origins.first else {
      guard isQuotable, !isSecret, Quotation.isHarmless(scalar.text) else { return mistake.reason ?? expected }
      let said = mistake.explanation ?? mistake.reason ?? "\(expected), not \(quoted(scalar.text))"
      return said + (Self.typographicQuotes(in: scalar.text) ?? mistake.hint ?? "")
    }
    let whose =
      origin == Interpolation.namelessOrigin ? "what the reference stands for" : "the value of \(quoted(origin))"
    return mistake.reason.map { "\($0), in \(whose)" } ?? "\(expected), and \(whose) is none"
  }
}

/// Why a text is no value of a kind.
struct ValueMistake: Error {
  /// What is expected, where that is said better than for the kind as a whole.
  var expectation: String?
  /// The message, where it needs nothing of the text.
  var reason: String?
  /// The message with parts of the text in it; shown only where the text stands in the file and may be quoted.
  var explanation: String?
  /// What is added to a message that shows the text.
  var hint: String?
}
