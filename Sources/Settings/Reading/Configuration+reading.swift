internal import Schedules
package import SystemPackage

extension Configuration {
  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - yaml: The file's bytes; none are a valid configuration.
  ///   - file: Its name, as the user gave it.
  ///   - folder: What relative paths are relative to.
  ///   - environment: The variables that `${NAME}` stands for.
  ///   - readFile: Reads the files that `${file:PATH}` stands for.
  /// - Throws: `ConfigurationProblems`, all of them.
  package init(
    yaml: [UInt8], file: String, folder: FilePath, environment: [String: String],
    readFile: @escaping (FilePath) throws -> [UInt8]
  ) throws(ConfigurationProblems) {
    let root: YAMLNode?
    do {
      root = try YAMLDocument.parse(yaml)
    } catch {
      throw ConfigurationProblems(file: file, [error])
    }
    self.init(relativeTo: folder)
    let context = ReadingContext(folder: folder, environment: environment, readFile: readFile)
    let section = Section(root, at: "", context)
    readInboxes(section, context)
    folders.read(section.section("folders"))
    processed.read(section.section("processed"))
    forward.read(section.section("forward"), root, context)
    retry.read(section.section("retry"))
    retention.read(section.section("retention"))
    section.zone("timezone", &timezone)
    section.duration("shutdownGrace", &shutdownGrace, .zero ... .seconds(600))
    section.boolean("standby", &standby)
    admin.read(section.section("admin"), context)
    log.read(section.section("log"))
    section.reportUnknownKeys()
    givenKeys = context.givenKeys
    checkFolders(context)
    guard context.problems.isEmpty else { throw ConfigurationProblems(file: file, context.problems) }
  }

  private mutating func readInboxes(_ section: Section, _ context: ReadingContext) {
    guard let node = section.node("inboxes") else {
      // The default stands, but for the variables of its own that it has not.
      return
    }
    guard case .sequence(let items) = node.content, !items.isEmpty else {
      context.report(node, "inboxes: expected a list of inboxes, each with a path")
      return
    }
    let defaults = inboxes[0]
    inboxes = []
    var places: [String: YAMLPlace] = [:]
    for item in items {
      var inbox = defaults
      let section = Section(item, at: "inboxes[]", context)
      inbox.read(section, context)
      if let first = places.updateValue(item.place, forKey: inbox.name) {
        context.report(
          item, "a second inbox is named '\(inbox.name)', as the one at line \(first.line); give it a name")
      }
      inboxes.append(inbox)
    }
  }

  /// No two folders may be the same or lie in one another: a file must be in one of them.
  private func checkFolders(_ context: ReadingContext) {
    let named =
      inboxes.map { ("the inbox '\($0.name)'", $0.path) } + [
        ("folders.processed", folders.processed), ("folders.retry", folders.retry), ("folders.failed", folders.failed),
        ("folders.state", folders.state),
      ]
    for (index, (name, path)) in named.enumerated() {
      for (otherName, other) in named[..<index] where path.starts(with: other) || other.starts(with: path) {
        context.report(
          YAMLPlace(line: 1, column: 1),
          path == other
            ? "\(otherName) and \(name) are the same folder, \(path)"
            : "of \(otherName) and \(name) one lies inside the other")
      }
    }
  }
}

extension InboxSettings {
  mutating func read(_ section: Section, _ context: ReadingContext) {
    section.parsed("name", &name, "a name of letters, digits, '.', '_' and '-', at most 64") { text in
      let isPlain = text.utf8.allSatisfy { byte in
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
          || [0x2E, 0x5F, 0x2D].contains(byte)
      }
      return isPlain && (1...64).contains(text.utf8.count) && !text.hasPrefix(".") ? text : nil
    }
    section.path("path", &path)
    section.schedule("schedule", &schedule)
    section.duration("settle", &settle, .zero ... .seconds(86_400))
    section.optionalText("marker", &marker)
    if let texts = section.texts("include", "a pattern such as *.json") { include = texts }
    if let texts = section.texts("exclude", "a pattern such as *.tmp") { exclude = texts }
    section.boolean("recursive", &recursive)
    section.parsed("charset", &charset, "the name of a character set such as utf-8, windows-1252 or utf-16") { text in
      let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }
      return isPlain && !text.isEmpty ? text.lowercased() : nil
    }
    readSources("eventId", &eventId, allowsFile: true, section, context)
    readSources("eventType", &eventType, allowsFile: true, section, context)
    readSources("data", &data, allowsFile: false, section, context)
    section.optionalText("eventTypeDefault", &eventTypeDefault)
    section.size("maxFileSize", &maxFileSize, 1...(1 << 32))
    section.size("maxEventSize", &maxEventSize, 1...(1 << 30))
    section.reportUnknownKeys()
  }

  private func readSources(
    _ key: String, _ sources: inout [String], allowsFile: Bool, _ section: Section, _ context: ReadingContext
  ) {
    let expected = "a JSON Pointer such as /\(key)" + (allowsFile ? ", @filename or @sha256" : "")
    guard let texts = section.texts(key, expected), let node = section.node(key) else { return }
    for text in texts where !(allowsFile && (text == "@filename" || text == "@sha256")) && !text.isJSONPointer {
      context.report(node, "\(section.fullName(key)): '\(text)' is not \(expected)")
    }
    if texts.isEmpty { context.report(node, "\(section.fullName(key)): the list must not be empty") }
    sources = texts
  }
}

extension String {
  /// RFC 6901, section 3.
  fileprivate var isJSONPointer: Bool {
    guard !isEmpty else { return true }
    guard hasPrefix("/") else { return false }
    return split(separator: "~", omittingEmptySubsequences: false).dropFirst().allSatisfy {
      $0.hasPrefix("0") || $0.hasPrefix("1")
    }
  }
}

extension FolderSettings {
  mutating func read(_ section: Section) {
    section.path("processed", &processed)
    section.path("retry", &retry)
    section.path("failed", &failed)
    section.path("state", &state)
    section.parsed("mode", &mode, "permissions in octal digits, such as \"0750\"; the owner must have all") { text in
      UInt32(text, radix: 8).flatMap { $0 <= 0o7777 && $0 & 0o700 == 0o700 ? $0 : nil }
    }
    section.reportUnknownKeys()
  }
}

extension ProcessedSettings {
  mutating func read(_ section: Section) {
    section.zone("timezone", &timezone)
    section.choice("durability", &durability)
    section.integer("portion", &portion, 1...100_000)
    section.reportUnknownKeys()
  }
}

extension RetrySettings {
  mutating func read(_ section: Section) {
    section.schedule("schedule", &schedule)
    section.integer("attempts", &attempts, 1...1000)
    section.integer("unreadableAttempts", &unreadableAttempts, 1...1000)
    backoff.read(section.section("backoff"))
    section.reportUnknownKeys()
  }
}

extension RetentionSettings {
  mutating func read(_ section: Section) {
    section.parsed("keep", &keep, "a duration such as 30d, or forever") { text in
      if text == "forever" { return .some(nil) }
      let duration = try DurationText.parse(text)
      return duration >= .seconds(86_400) ? .some(duration) : nil
    }
    section.duration("identities", &identities, .zero ... .seconds(36_500 * 86_400))
    section.schedule("schedule", &schedule)
    section.optionalText("archive", &archive)
    section.reportUnknownKeys()
  }
}

extension AdminSettings {
  mutating func read(_ section: Section, _ context: ReadingContext) {
    section.parsed("listen", &listen, "an address such as 127.0.0.1:8641, or off") { text in
      text == "off" ? .some(nil) : ListenAddress(text).map { .some($0) }
    }
    token = section.secret("token").flatMap { $0.isEmpty ? nil : $0 }
    if let listen, !listen.isLoopback, token == nil {
      context.report(
        section.place,
        "admin.listen: \(listen) can be reached from other machines; set admin.token, or listen on 127.0.0.1")
    }
    section.reportUnknownKeys()
  }
}

extension LogSettings {
  mutating func read(_ section: Section) {
    section.choice("level", &level)
    section.choice("format", &format)
    section.reportUnknownKeys()
  }
}

extension Backoff {
  mutating func read(_ section: Section) {
    section.duration("first", &first, .milliseconds(1) ... .seconds(86_400))
    section.duration("max", &maximum, .milliseconds(1) ... .seconds(30 * 86_400))
    section.reportUnknownKeys()
  }
}
