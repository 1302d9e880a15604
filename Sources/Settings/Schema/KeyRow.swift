/// A key of the configuration as it is read: the basis of the JSON Schema.
struct KeyRow {
  /// Dotted: `inboxes[].charset`.
  var path: String
  var form: KeyForm
}

/// The form of a key's value.
enum KeyForm {
  case section
  /// A value; an optional one can also be an empty text.
  case one(ValueForm, canBeNone: Bool = false)
  /// A list, or a single value instead.
  case list(ValueForm, atLeast: Int)
  /// A list of mappings.
  case sections(atLeast: Int, atMost: Int)
  /// A value, or a mapping.
  case oneOrSection(ValueForm)
  /// A list of values, or of lists of them, or a single value instead.
  case alternatives(ValueForm, part: ValueForm)
  /// Any mapping.
  case anyMapping
}

/// The control characters, as a class in a pattern.
let controlClass = #"\u0000-\u001f\u007f-\u009f"#

/// The form of a single value, as far as JSON Schema can express it.
enum ValueForm {
  /// A text, including one that YAML takes for a number or a word.
  case text
  /// The same on one line, with at most this many characters.
  case line(atMost: Int?)
  /// A text that a pattern (ECMA-262, section 22.2) matches.
  case pattern(String)
  case integer(ClosedRange<Int>)
  /// A number of bytes, or a text that a pattern matches.
  case size(ClosedRange<Int>)
  /// The same, or `off`.
  case sizeOrOff(ClosedRange<Int>)
  case boolean
  case words([String])
  /// Permissions in octal digits, which YAML takes for a number.
  case mode
}
