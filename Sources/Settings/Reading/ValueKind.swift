internal import Events

/// A kind of value that a key can have: how a text is parsed, and the message if it is invalid.
struct ValueKind<Value> {
  /// What is expected, without what was found instead.
  let expectation: Message
  /// Whether the value is confidential, so that no message may show it.
  var isSecret = false
  /// Whether a message may show what was found instead; no kind may unless somebody has decided it (see `Quotation`).
  var isQuotable = false
  /// What to look for in a valid text.
  var doubts = TextDoubt.allCases
  /// What is expected, for programs.
  var form = ValueForm.text
  let read: (String) throws(ValueMistake) -> Value

  /// Reads the value of a key.
  ///
  /// - Returns: Nil if it is not of this kind, which is reported.
  func value(of node: YAMLNode, named key: String, log: ProblemLog) -> Value? {
    switch node.content {
    case .scalar(let scalar) where !node.isNull:
      do {
        return try read(scalar.text)
      } catch {
        let (message, hint) = message(for: error, in: scalar)
        log.report(message, hint: hint, key: key, at: node.place)
        return nil
      }
    case .refused: return nil
    default:
      log.report(node.found.map { expectation.found($0) } ?? expectation, key: key, at: node.place)
      return nil
    }
  }

  private func message(for mistake: ValueMistake, in scalar: YAMLScalar) -> (message: Message, hint: Message?) {
    let expected = mistake.expectation ?? expectation
    guard let origin = scalar.origins.first else {
      let unseen = UnseenCharacter.hint(for: scalar.text)
      guard isQuotable, !isSecret, Quotation.isHarmless(scalar.text) else {
        return (mistake.reason ?? expected, unseen)
      }
      let message = mistake.explanation ?? mistake.reason ?? expected.found(scalar.text)
      let quotes = scalar.text.beginsWithTypographicQuote ? Message(HintMessage.plainQuotes) : nil
      return (message, unseen ?? quotes ?? mistake.hint)
    }
    return ((mistake.reason ?? expected).about(origin: origin), nil)
  }
}
