internal import Events
internal import Time

extension ValueKind where Value == Bool {
  static var boolean: Self {
    ValueKind(expectation: .expected(.boolean), isQuotable: true, form: .boolean) { text throws(ValueMistake) in
      switch text {
      case "true": return true
      case "false": return false
      default:
        let meant = ["yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"]
        throw ValueMistake(hint: meant[text.lowercased()].map { Message(HintMessage.write, ["text": .text($0)]) })
      }
    }
  }
}

extension ValueKind where Value == Int {
  /// A whole number.
  static func integer(in range: ClosedRange<Int>) -> Self {
    ValueKind(
      expectation: .expected(.integer, ["from": .integer(range.lowerBound), "to": .integer(range.upperBound)]),
      isQuotable: true, form: .integer(range)
    ) { text throws(ValueMistake) in
      guard let number = Int(text), range.contains(number) else { throw ValueMistake() }
      return number
    }
  }

  /// A size, in bytes.
  static func size(in range: ClosedRange<Int>) -> Self {
    ValueKind(expectation: .expected(.size), isQuotable: true, form: .size(range)) {
      text throws(ValueMistake) in
      let bytes: Int
      do {
        bytes = try SizeText.parse(text)
      } catch {
        throw ValueMistake(hint: sizeMeant(by: text, in: range).map { Message(HintMessage.write, ["text": .text($0)]) })
      }
      guard range.contains(bytes) else {
        throw ValueMistake(
          expectation: .expected(
            .sizeInRange,
            ["from": .text(plainSize(range.lowerBound)), "to": .text(plainSize(range.upperBound))]))
      }
      return bytes
    }
  }
}

/// A size in the form of the configuration, to be written back without loss.
private func plainSize(_ bytes: Int) -> String {
  for (name, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes > 0 && bytes % (1 << shift) == 0 {
    return "\(bytes >> shift)\(name)"
  }
  return "\(bytes)"
}

/// The size probably meant by one in another form, such as `1M` or `64 kb`.
private func sizeMeant(by text: String, in range: ClosedRange<Int>) -> String? {
  let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
  let word = String(Substring(text.utf8[digits.endIndex...])).lowercased().filter { $0 != " " }
  let units = [
    "k": "KiB", "kb": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB", "mib": "MiB", "g": "GiB", "gb": "GiB", "gib": "GiB",
  ]
  guard !digits.isEmpty, let unit = units[word] else { return nil }
  let meant = String(Substring(digits)) + unit
  return (try? SizeText.parse(meant)).flatMap { range.contains($0) ? meant : nil }
}

/// The duration probably meant by one in another form, such as `10`, `5 min` or `2 hours`.
private func durationMeant(by text: String, in range: ClosedRange<Duration>) -> String? {
  let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
  let word = String(Substring(text.utf8[digits.endIndex...])).lowercased().filter { $0 != " " }
  let words: [String: String] = [
    "msec": "ms", "millis": "ms", "milliseconds": "ms", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "ms": "ms", "s": "s", "m": "m", "h": "h", "d": "d",
  ]
  guard (1..<10).contains(digits.count), let unit = words[word] else { return nil }
  let meant = String(Substring(digits)) + unit
  return (try? DurationText.parse(meant)).flatMap { range.contains($0) ? meant : nil }
}

extension ValueKind where Value == Duration {
  /// A duration within a range.
  ///
  /// - Parameters:
  ///   - range: The range.
  ///   - expectation: What is expected, for messages.
  ///   - isOfDays: Whether a bare number more likely means days than seconds.
  /// - Returns: The kind.
  static func duration(
    in range: ClosedRange<Duration>, as expectation: Message = .expected(.duration), isOfDays: Bool = false
  ) -> Self {
    ValueKind(expectation: expectation, isQuotable: true, form: .pattern(durationPattern)) {
      text throws(ValueMistake) in
      let duration: Duration
      do {
        duration = try DurationText.parse(text)
      } catch {
        throw ValueMistake(hint: hint(for: text, in: range, isOfDays: isOfDays))
      }
      guard range.contains(duration) else {
        let bounds = (DurationText.text(of: range.lowerBound), DurationText.text(of: range.upperBound))
        throw ValueMistake(
          expectation: .expected(.durationInRange, ["from": .text(bounds.0), "to": .text(bounds.1)]))
      }
      return duration
    }
  }
}

extension ValueKind where Value == Linger {
  static var linger: Self {
    let duration = ValueKind<Duration>.duration(in: .zero ... .seconds(366 * 86_400))
    return ValueKind(
      expectation: .expected(.durationOrOff), isQuotable: true, form: .pattern("^(off|([0-9]+(ms|s|m|h|d))+)$")
    ) { text throws(ValueMistake) in
      text == "off" ? .off : .atMost(try duration.read(text))
    }
  }
}

/// What `DurationText` parses.
let durationPattern = "^([0-9]+(ms|s|m|h|d))+$"

/// What to write instead of a text that is not a duration; nil if unknown.
private func hint(for text: String, in range: ClosedRange<Duration>, isOfDays: Bool) -> Message? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
    return durationMeant(by: text, in: range).map { Message(HintMessage.write, ["text": .text($0)]) }
  }
  // A bare number: seconds, or days if the setting is about days.
  let units = [("s", HintMessage.seconds), ("d", .days)]
  for (unit, hint) in isOfDays ? units.reversed() : units {
    if let meant = durationMeant(by: text + unit, in: range) { return Message(hint, ["text": .text(meant)]) }
  }
  return nil
}

extension ValueKind where Value == UInt32 {
  /// The permissions of folders, in octal digits, as for chmod(1).
  static var folderMode: Self {
    ValueKind(
      expectation: .expected(.folderMode), isQuotable: true,
      form: .mode
    ) { text throws(ValueMistake) in
      let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
      guard (3...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
        let mode = UInt32(digits, radix: 8)
      else { throw ValueMistake() }
      // mkdir(2) does not accept the others; a new folder inherits its parent's set-group-ID bit.
      guard mode <= 0o777 else { throw ValueMistake(.modeTooHigh) }
      // Without all three, the daemon could not work in the folders that it creates.
      guard mode & 0o700 == 0o700 else {
        throw ValueMistake(.modeWithoutOwner)
      }
      return mode
    }
  }
}

/// A setting that is one of a few words.
package protocol Word: RawRepresentable<String>, CaseIterable, Sendable {}

extension ValueKind where Value: Word {
  static var word: Self {
    let words = Value.allCases.map(\.rawValue)
    let (others, last) = alternatives(words)
    let expectation = Message.expected(.word, ["words": others, "last": last])
    return ValueKind(expectation: expectation, isQuotable: true, form: .words(words)) {
      text throws(ValueMistake) in
      guard let value = Value(rawValue: text) else {
        let switched = ["true": "on", "yes": "on", "false": "off", "no": "off"][text.lowercased()]
        if let switched, words.contains(switched) { throw ValueMistake(hint: .write, ["text": .text(switched)]) }
        throw ValueMistake(hint: misspelt(text, for: words))
      }
      return value
    }
  }
}
