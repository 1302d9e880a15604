package import Events

/// Tests write a message as a text if its code does not matter; the program has none without a code.
extension Message: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) { self.init(said: text) }
}
