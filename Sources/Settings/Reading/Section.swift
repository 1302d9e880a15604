internal import Schedules
internal import SystemPackage

/// A mapping of the configuration that is being read: each key is asked for once, and what nobody asked for is unknown.
final class Section {
  private let context: ReadingContext
  private let path: String
  private var values: [String: (key: YAMLNode, value: YAMLNode)] = [:]
  private var known: [String] = []
  let place: YAMLPlace

  /// A mapping; one of the wrong kind is reported and taken for an empty one.
  ///
  /// - Parameters:
  ///   - node: The mapping; nil where it is not there.
  ///   - path: The keys that lead to it, as `forward.batch`.
  ///   - context: Where problems are collected.
  init(_ node: YAMLNode?, at path: String, _ context: ReadingContext) {
    self.context = context
    self.path = path
    place = node?.place ?? YAMLPlace(line: 1, column: 1)
    guard let node, !node.isNull else { return }
    guard case .mapping(let pairs) = node.content else {
      context.report(
        node, "\(path.isEmpty ? "the configuration" : path) is a mapping of keys to values, not \(node.kind)")
      return
    }
    for (key, value) in pairs {
      guard case .scalar(let name, _) = key.content else {
        context.report(key, "a key is a single word, not \(key.kind)")
        continue
      }
      guard values.updateValue((key, value), forKey: name) == nil else {
        context.report(key, "the key '\(name)' stands here a second time")
        continue
      }
    }
  }

  /// The value of a key; nil where it is not there, or null.
  func node(_ key: String) -> YAMLNode? {
    if !known.contains(key) { known.append(key) }
    guard let value = values[key]?.value else { return nil }
    context.givenKeys.insert(fullName(key))
    return value.isNull ? nil : value
  }

  /// A mapping inside.
  func section(_ key: String) -> Section {
    Section(node(key), at: fullName(key), context)
  }

  func fullName(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Reports the keys that nobody asked for, each with the nearest one that there is.
  func reportUnknownKeys() {
    for (name, entry) in values where !known.contains(name) {
      let nearest = known.map { (distance: editDistance(name.lowercased(), $0.lowercased()), key: $0) }
        .min { ($0.distance, $0.key) < ($1.distance, $1.key) }
      let suggestion =
        if let nearest, nearest.distance <= max(2, name.count / 3) {
          "; did you mean '\(nearest.key)'?"
        } else {
          "; here stand: \(known.joined(separator: ", "))"
        }
      context.report(entry.key, "unknown key '\(name)'\(suggestion)")
    }
  }

  // MARK: Typed values: each leaves the default where the key is not there, or wrong

  func text(_ key: String, _ value: inout String) {
    if let (text, _) = scalar(key, "a text") { value = text }
  }

  func optionalText(_ key: String, _ value: inout String?) {
    if let (text, _) = scalar(key, "a text") { value = text.isEmpty ? nil : text }
  }

  func secret(_ key: String) -> Secret? {
    scalar(key, "a text").map { Secret($0.text) }
  }

  func parsed<Value>(_ key: String, _ value: inout Value, _ expected: String, _ parse: (String) throws -> Value?) {
    guard let (text, node) = scalar(key, expected) else { return }
    do {
      if let parsed = try parse(text) {
        value = parsed
      } else {
        context.report(node, "\(fullName(key)): expected \(expected)")
      }
    } catch {
      context.report(node, "\(fullName(key)): \(context.isFromOutside(node) ? "expected \(expected)" : "\(error)")")
    }
  }

  func duration(
    _ key: String, _ value: inout Duration, _ range: ClosedRange<Duration> = .zero ... .seconds(3650 * 86_400)
  ) {
    parsed(key, &value, "a duration such as 250ms, 2s, 5m, 1h or 30d") { text in
      let duration = try DurationText.parse(text)
      guard range.contains(duration) else {
        throw OutOfRange(
          "from \(DurationText.text(of: range.lowerBound)) to \(DurationText.text(of: range.upperBound))")
      }
      return duration
    }
  }

  func size(_ key: String, _ value: inout Int, _ range: ClosedRange<Int>) {
    parsed(key, &value, "a size such as 512KiB or 1MiB") { text in
      let size = try SizeText.parse(text)
      guard range.contains(size) else {
        throw OutOfRange("from \(SizeText.text(of: range.lowerBound)) to \(SizeText.text(of: range.upperBound))")
      }
      return size
    }
  }

  func integer(_ key: String, _ value: inout Int, _ range: ClosedRange<Int>) {
    parsed(key, &value, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func boolean(_ key: String, _ value: inout Bool) {
    parsed(key, &value, "true or false") { text in ["true": true, "false": false][text] }
  }

  func choice<Value: RawRepresentable & CaseIterable>(_ key: String, _ value: inout Value)
  where Value.RawValue == String {
    let choices = Value.allCases.map(\.rawValue)
    parsed(key, &value, "one of \(choices.joined(separator: ", "))") { Value(rawValue: $0) }
  }

  func path(_ key: String, _ value: inout FilePath) {
    guard let (text, node) = scalar(key, "a path") else { return }
    guard !text.isEmpty else { return context.report(node, "\(fullName(key)): a path must not be empty") }
    value = context.folder.pushing(FilePath(text)).lexicallyNormalized()
  }

  func optionalPath(_ key: String, _ value: inout FilePath?) {
    guard let (text, _) = scalar(key, "a path"), !text.isEmpty else { return }
    value = context.folder.pushing(FilePath(text)).lexicallyNormalized()
  }

  func zone(_ key: String, _ value: inout TimeZoneRules) {
    parsed(key, &value, "a time zone such as Europe/Paris") { try TimeZoneRules(identifier: $0) }
  }

  func schedule(_ key: String, _ value: inout Schedule) {
    guard let texts = texts(key, "a schedule such as 'every 5s' or '0 3 * * *'"), let node = values[key]?.value else {
      return
    }
    do {
      value = try Schedule(texts)
    } catch {
      context.report(node, "\(fullName(key)): \(error)")
    }
  }

  /// A list of texts; a single one stands for a list of itself.
  func texts(_ key: String, _ expected: String) -> [String]? {
    guard let node = node(key) else { return nil }
    switch node.content {
    case .scalar: return context.text(of: node).map { [$0] }
    case .mapping:
      context.report(node, "\(fullName(key)): expected \(expected), or a list of them, not a mapping")
      return nil
    case .sequence(let items):
      return items.compactMap { item in
        guard case .scalar = item.content else {
          context.report(item, "\(fullName(key)): expected \(expected), not \(item.kind)")
          return nil
        }
        return context.text(of: item)
      }
    }
  }

  private func scalar(_ key: String, _ expected: String) -> (text: String, node: YAMLNode)? {
    guard let node = node(key) else { return nil }
    guard case .scalar = node.content else {
      context.report(node, "\(fullName(key)): expected \(expected), not \(node.kind)")
      return nil
    }
    return context.text(of: node).map { ($0, node) }
  }
}

/// A value outside its bounds.
private struct OutOfRange: Error, CustomStringConvertible {
  var description: String

  init(_ range: String) {
    description = "out of range: it goes \(range)"
  }
}
