internal import Catalog
internal import EventStore
internal import Events
internal import Intake
package import SystemPackage
internal import Time

extension Configuration {
  /// Reads a configuration, and checks all of it.
  ///
  /// - Parameters:
  ///   - yaml: The file's bytes; an empty file is a valid configuration.
  ///   - file: The file, as the user named it.
  ///   - folder: The folder of the file: the base of relative paths.
  ///   - environment: The values for `${NAME}`.
  ///   - scope: How much of it is needed.
  ///   - readFile: Reads the files for `${file:PATH}`.
  /// - Throws: `ConfigurationProblems`, with all mistakes.
  package init(
    yaml: [UInt8], file: String, folder: FilePath, environment: [String: String],
    scope: Scope = .whole, readFile: @escaping (FilePath) throws -> [UInt8]
  ) throws(ConfigurationProblems) {
    self = .defaults(relativeTo: folder)
    let reading = Reading(folder: folder, environment: environment, scope: scope, readFile: readFile)
    let source = SourceText(bytes: yaml)
    if let root = YAMLComposer.compose(source, log: reading.log) {
      read(root, reading)
    } else if reading.log.isEmpty {
      read(nil, reading)
    } else {
      store.layout.language = Language(writtenIn: source.bytes)
    }
    givenKeys = reading.givenKeys
    unseenKeys = reading.unseenKeys
    places = reading.places
    doubts = reading.doubts.sorted
    guard reading.log.isEmpty else {
      throw ConfigurationProblems(path: file, problems: reading.log.sorted, language: language)
    }
  }

  /// Every key that exists, in order, with its possible values.
  static let table: [KeyRow] = {
    let reading = Reading(folder: "/", environment: [:]) { _ in [] }
    var configuration = Configuration.defaults(relativeTo: "/")
    configuration.read(nil, reading)
    return reading.table
  }()

  /// Every key that exists, in order; those of list items in the form `inboxes[].path`.
  package static let knownKeys = table.map(\.path)
  static let knownKeySet = Set(knownKeys)

  /// The first key of this name, in any section.
  static func knownKey(named name: String) -> String? {
    knownKeys.first { $0 == name || $0.hasSuffix("." + name) }
  }

  private mutating func read(_ root: YAMLNode?, _ reading: Reading) {
    Section.read(root, name: "", placeName: "", place: .start, reading: reading) { section in
      var claims = FolderClaims()
      readInboxes(&section, &claims)
      section.section("folders") { store.readFolders(&$0, &claims) }
      section.section("processed") { section in
        store.readProcessed(&section)
        section.read("portion", as: .integer(in: 1...10_000), into: &portion)
      }
      section.section("forward") { forward.read(&$0) }
      section.section("retry") { retry.read(&$0, into: &store) }
      section.section("retention") { retention.read(&$0, into: &store) }
      section.read("timezone", as: .timeZone, into: &timezone)
      section.read("shutdownGrace", as: .duration(in: .zero ... .seconds(3600)), into: &shutdownGrace)
      section.read("standby", as: .boolean, into: &standby)
      section.section("admin") { admin.read(&$0) }
      section.section("notify") { notify.read(&$0) }
      section.section("fleet") { fleet.read(&$0) }
      store.isInFleet = fleet.url != nil || section.reading.unseenKeys.contains("fleet.url")
      section.read("language", as: .word, into: &store.layout.language)
      section.section("log") { log.read(&$0) }
      claims.reportConflicts(to: reading.log)
      for index in inboxes.indices { inboxes[index].options.portion = portion }
    }
  }

  /// Each inbox has its own folders and schedules; more than this is a mistake, not an installation.
  private static let inboxLimit = 1000

  private mutating func readInboxes(_ section: inout Section, _ claims: inout FolderClaims) {
    let reading = section.reading
    let node = section.take("inboxes", .sections(atLeast: 1, atMost: Self.inboxLimit))
    let inbox = InboxSettings(relativeTo: reading.folder, portion: portion)
    var items: [YAMLNode?] = [nil]
    // If the inboxes are unknown, their defaults conflict with nothing.
    var isKnown = !section.isDoubtful("inboxes")
    switch node?.content {
    case .list(let given) where given.isEmpty:
      section.report(.noInbox, in: "inboxes")
      isKnown = false
    case .list(let given) where given.count > Self.inboxLimit:
      section.report(
        .tooManyInboxes, ["limit": .integer(Self.inboxLimit), "count": .integer(given.count)], in: "inboxes")
      isKnown = false
    case .list(let given): items = given
    case .mapping, .scalar:
      guard let node, !node.isNull else { break }
      section.report(.expected(.inboxes, found: node.found), in: "inboxes")
      isKnown = false
    case .refused: isKnown = false
    case nil: break
    }
    var places: [String: Place] = [:]
    inboxes = items.enumerated().map { number, item in
      var inbox = inbox
      let place = section.place(of: "inboxes")
      Section.read(
        item, name: "inboxes[]", placeName: "inboxes[\(number)]", place: place, isRefused: !isKnown, reading: reading
      ) { item in
        guard inbox.read(&item, &claims) else { return }
        let place = item.place(of: "name")
        if let first = places.updateValue(place, forKey: inbox.options.name) {
          item.report(
            .sameName, ["line": .integer(first.line), "name": .text(inbox.options.name)], in: "name")
        }
      }
      return inbox
    }
  }
}
