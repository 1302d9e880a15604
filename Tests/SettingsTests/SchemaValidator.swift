/// The part of JSON Schema (draft 7) that the configuration's schema uses.
final class SchemaValidator {
  private let schema: JSONTree
  private var patterns: [String: Regex<AnyRegexOutput>] = [:]
  /// Keywords of the schema that are unknown here, so that no rule is skipped.
  private(set) var unknown: Set<String> = []

  init?(_ text: String) {
    guard let schema = JSONTree(text) else { return nil }
    self.schema = schema
  }

  func accepts(_ value: JSONTree) -> Bool { accepts(value, schema) }

  private func accepts(_ value: JSONTree, _ schema: JSONTree) -> Bool {
    guard case .object(let rules) = schema else { return false }
    for rule in rules {
      guard holds(rule.name, rule.value, value, schema) else { return false }
    }
    return true
  }

  private func holds(_ name: String, _ rule: JSONTree, _ value: JSONTree, _ schema: JSONTree) -> Bool {
    switch (name, rule) {
    case ("$schema", _), ("title", _), ("then", _): return true
    case ("type", .text(let type)): return value.isOf(type)
    case ("type", .list(let types)):
      return types.contains { if case .text(let type) = $0 { value.isOf(type) } else { false } }
    case ("enum", .list(let values)): return values.contains(value)
    case ("anyOf", .list(let schemas)):
      for schema in schemas where accepts(value, schema) { return true }
      return false
    case ("allOf", .list(let schemas)):
      for schema in schemas where !accepts(value, schema) { return false }
      return true
    case ("not", let schema): return !accepts(value, schema)
    case ("if", let condition):
      guard accepts(value, condition), let then = schema["then"] else { return true }
      return accepts(value, then)
    case ("pattern", .text(let pattern)):
      guard case .text(let text) = value else { return true }
      return matches(text, pattern)
    case ("maxLength", .number(let limit)):
      guard case .text(let text) = value else { return true }
      return text.unicodeScalars.count <= Int(limit)
    case ("minimum", .number(let limit)):
      guard case .number(let number) = value else { return true }
      return number >= limit
    case ("maximum", .number(let limit)):
      guard case .number(let number) = value else { return true }
      return number <= limit
    case ("items", let schema):
      guard case .list(let items) = value else { return true }
      for item in items where !accepts(item, schema) { return false }
      return true
    case ("minItems", .number(let limit)):
      guard case .list(let items) = value else { return true }
      return items.count >= Int(limit)
    case ("maxItems", .number(let limit)):
      guard case .list(let items) = value else { return true }
      return items.count <= Int(limit)
    case ("required", .list(let names)):
      guard case .object = value else { return true }
      return names.allSatisfy { if case .text(let name) = $0 { value[name] != nil } else { false } }
    case ("properties", .object(let properties)):
      guard case .object(let members) = value else { return true }
      for member in members {
        guard let schema = properties.first(where: { $0.name == member.name })?.value else { continue }
        guard accepts(member.value, schema) else { return false }
      }
      return true
    case ("additionalProperties", .flag(false)):
      guard case .object(let members) = value else { return true }
      return members.allSatisfy { schema["properties"]?[$0.name] != nil }
    default:
      unknown.insert(name)
      return true
    }
  }

  private func matches(_ text: String, _ pattern: String) -> Bool {
    if patterns[pattern] == nil { patterns[pattern] = try? Regex(pattern) }
    guard let regex = patterns[pattern] else {
      unknown.insert(pattern)
      return true
    }
    return text.firstMatch(of: regex) != nil
  }
}

extension JSONTree {
  fileprivate func isOf(_ type: String) -> Bool {
    switch (type, self) {
    case ("null", .null), ("boolean", .flag), ("number", .number), ("string", .text), ("array", .list),
      ("object", .object):
      true
    case ("integer", .number(let number)): number == number.rounded()
    default: false
    }
  }
}
