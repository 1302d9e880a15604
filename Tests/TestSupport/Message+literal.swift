package import Events

/// Tests say a message as a text where its code does not matter; the program has none without a code.
extension Message: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(said: text) }
}
