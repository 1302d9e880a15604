internal import Events

/// A place in a text; both are counted from 1, columns in characters.
struct Place: Hashable, Sendable {
  var line: Int
  var column: Int

  static let start = Place(line: 1, column: 1)
}

/// A value of a YAML document, with its place.
struct YAMLNode {
  var place: Place
  var content: Content

  enum Content {
    case scalar(YAMLScalar)
    case list([YAMLNode])
    case mapping([YAMLEntry])
    /// Something whose mistake has been reported already, so that nothing more is reported about it.
    case refused
  }

  /// Empty, or a plain `null` or `~`.
  var isNull: Bool {
    guard case .scalar(let scalar) = content, scalar.isPlain, scalar.origins.isEmpty else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
  }

  /// Its name in messages; nil if its mistake has been reported already.
  var found: ExpectationMessage.Found? {
    switch content {
    case .scalar: isNull ? .nothing : .single
    case .list: .list
    case .mapping: .mapping
    case .refused: nil
    }
  }
}

/// A text in YAML.
struct YAMLScalar {
  var text: String
  /// Whether it is unquoted, so that words such as `null` have their meaning.
  var isPlain: Bool
  /// The references, such as `${NAME}`, whose text it contains; empty if it is all from the file itself.
  var origins: [String] = []
}

/// One key of a mapping, and its value.
struct YAMLEntry {
  var key: String
  var keyPlace: Place
  var value: YAMLNode
  /// Whether it is in braces, where a comma ends an unquoted value.
  var isInBraces = false
}
