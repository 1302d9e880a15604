/// A key of the configuration as its reading asks for it: what the JSON Schema is made of.
struct KeyRow {
  /// Dotted: `inboxes[].charset`.
  var path: String
  var form: KeyForm
}

/// What a key's value is.
enum KeyForm {
  case section
  /// A value; one that can be none can also be an empty text.
  case one(ValueForm, canBeNone: Bool = false)
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

/// The control characters, as a class of a pattern has them.
let controlClass = #"\u0000-\u001f\u007f-\u009f"#

/// What a single value is, as far as JSON Schema can say it.
enum ValueForm {
  /// A text; also one that YAML takes for a number or a word.
  case text
  /// The same in one line, and of so many characters at most.
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
