/// A text that must not be seen: no log, error, status or dump shows more than that it is a secret.
package struct Secret: Hashable, Sendable {
  private let text: String

  package init(_ text: String) {
    self.text = text
  }

  package var isEmpty: Bool { text.isEmpty }

  /// The text itself, for the one place that needs it.
  package func reveal() -> String { text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "(secret)" }
  package var debugDescription: String { "(secret)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
