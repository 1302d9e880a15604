extension Configuration {
  /// The JSON Schema (draft 7, which editors support best) of `config.yaml`, built from the table by which it is read.
  ///
  /// What a pattern cannot express is left to `eventdrop check`: whether durations are in range, zones and charsets
  /// exist, folders conflict.
  package static var schema: String {
    var members: [(String, SchemaJSON)] = [
      ("$schema", .text("http://json-schema.org/draft-07/schema#")), ("title", .text("eventdrop's config.yaml")),
    ]
    members += section("")
    return SchemaJSON.object(members).text()
  }

  /// A mapping of the keys directly below one; null stands for all their defaults.
  private static func section(_ name: String) -> [(String, SchemaJSON)] {
    let prefix = name.isEmpty ? "" : name + "."
    let rows = table.filter { row in
      row.path.hasPrefix(prefix) && !row.path.dropFirst(prefix.count).contains(".")
    }
    return [
      ("type", .list([.text("object"), .text("null")])), ("additionalProperties", .flag(false)),
      (
        "properties",
        .object(rows.map { (String($0.path.dropFirst(prefix.count)), .object(property($0))) })
      ),
    ] + (SchemaRules.rules(of: name).map { [("allOf", .list($0))] } ?? [])
  }

  private static func property(_ row: KeyRow) -> [(String, SchemaJSON)] {
    switch row.form {
    case .section: return section(row.path)
    case .one(let form, let canBeNone):
      return anyOf(values(form) + [canBeNone ? .object([("enum", .list([.null, .text("")]))]) : null])
    case .list(let form, let minimum): return anyOf(values(form) + [list(values(form), minimum), null])
    case .alternatives(let form, let part):
      return anyOf(values(form) + [list(values(form) + [list(values(part), 1)], 1), null])
    case .oneOrSection(let form):
      return anyOf(values(form) + [.object([("enum", .list([.text("")]))]), .object(section(row.path))])
    case .anyMapping: return [("type", .list([.text("object"), .text("null")]))]
    case .sections(let minimum, let maximum):
      return [
        ("type", .list([.text("array"), .text("null")])), ("minItems", .number(minimum)),
        ("maxItems", .number(maximum)), ("items", .object(section(row.path + "[]"))),
      ]
    }
  }

  private static func list(_ items: [SchemaJSON], _ minimum: Int) -> SchemaJSON {
    .object([("type", .text("array")), ("minItems", .number(minimum)), ("items", .object(anyOf(items)))])
  }

  private static func anyOf(_ schemas: [SchemaJSON]) -> [(String, SchemaJSON)] {
    guard schemas.count == 1, case .object(let only)? = schemas.first else { return [("anyOf", .list(schemas))] }
    return only
  }

  private static let null = SchemaJSON.object([("type", .text("null"))])
  /// A text containing a reference: its value is known only where the program runs.
  private static let reference = pattern(#"\$\{"#)

  /// A text that matches a regular expression.
  static func pattern(_ pattern: String) -> SchemaJSON {
    .object([("type", .text("string")), ("pattern", .text(pattern))])
  }

  /// The possible values; YAML takes some texts for numbers, and in version 1.1 `on` and `off` for true and false.
  private static func values(_ form: ValueForm) -> [SchemaJSON] {
    switch form {
    case .text: return [.object([("type", anyScalar)])]
    case .line(let limit):
      return [
        .object(
          [("type", anyScalar), ("pattern", .text(#"^[^\#(controlClass)]*$"#))]
            + (limit.map { [("maxLength", .number($0))] } ?? [])), reference,
      ]
    case .pattern(let text):
      var schemas = [pattern(text), reference]
      if matches("750", text) {
        schemas.append(.object([("type", .text("number"))] + (matches("-1", text) ? [] : [("minimum", .number(0))])))
      }
      if matches("off", text) { schemas.append(.object([("enum", .list([.flag(false)]))])) }
      return schemas
    case .integer(let range): return [integer(range), pattern("^[0-9]+$"), reference]
    case .size(let range):
      return [integer(range), pattern("^[0-9]+ ?(KiB|MiB|GiB|TiB|KB|MB|GB|B)?$"), reference]
    case .sizeOrOff(let range):
      return values(.size(range)) + [.object([("enum", .list([.text("off"), .flag(false)]))])]
    case .mode:
      // In octal digits, as they look when read as decimal ones.
      let modes = (0o00...0o77).map { 700 + $0 / 8 * 10 + $0 % 8 }
      return [pattern("^(0o|0)?7[0-7][0-7]$"), .object([("enum", .list(modes.map { .number($0) }))]), reference]
    case .boolean: return [.object([("type", .text("boolean"))]), pattern("^(true|false)$"), reference]
    case .words(let words):
      var allowed = words.map { SchemaJSON.text($0) }
      if words.contains("off") { allowed.append(.flag(false)) }
      if words.contains("on") { allowed.append(.flag(true)) }
      return [.object([("enum", .list(allowed))]), reference]
    }
  }

  private static let anyScalar = SchemaJSON.list([.text("string"), .text("number"), .text("boolean")])

  private static func integer(_ range: ClosedRange<Int>) -> SchemaJSON {
    .object([
      ("type", .text("integer")), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound)),
    ])
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    guard let regex = try? Regex(pattern) else { return false }
    return text.firstMatch(of: regex) != nil
  }
}
