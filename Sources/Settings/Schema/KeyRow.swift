/// A key of the configuration as its reading asks for it: what the JSON Schema is made of.
struct KeyRow {
  /// Dotted: `inboxes[].charset`.
  var path: String
  var form: KeyForm
}

/// What a key's value is.
enum KeyForm {
  case section
  case one(ValueForm)
  /// A list, or a single value in its place.
  case list(ValueForm, atLeast: Int)
  /// A list of mappings.
  case sections(atLeast: Int, atMost: Int)
  /// A value, or a mapping.
  case oneOrSection(ValueForm)
  /// A list of values, or of lists of them, or a single value in its place.
  case alternatives(ValueForm, part: ValueForm)
  /// A mapping of whatever there is.
  case anyMapping
}

/// What a single value is, as far as JSON Schema can say it.
enum ValueForm {
  /// A text; also one that YAML takes for a number or a word.
  case text
  /// A text that a pattern (ECMA-262, section 22.2) matches.
  case pattern(String)
  case integer(ClosedRange<Int>)
  /// A number of bytes, or a text that a pattern matches.
  case size(ClosedRange<Int>)
  case boolean
  case words([String])
}
