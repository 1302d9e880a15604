internal import SystemPackage

/// What all sections of a configuration share while it is read.
final class Reading {
  let log = ProblemLog()
  /// What is valid, but hardly intended.
  let doubts = ProblemLog()
  /// The folder of the file.
  let folder: FilePath
  /// Every key that was read, in order, with its possible values.
  private(set) var table: [KeyRow] = []
  /// Those that have a value in the file, dotted: `inboxes[].charset`.
  private(set) var givenKeys: Set<String> = []
  /// The places of the values, by keys such as `inboxes[0].charset`.
  private(set) var places: [String: Place] = [:]
  /// Keys whose value is unknown here: a variable or a file is missing.
  private(set) var unseenKeys: Set<String> = []
  private let scope: Configuration.Scope
  private var interpolation: Interpolation

  init(
    folder: FilePath, environment: [String: String], scope: Configuration.Scope = .whole,
    readFile: @escaping (FilePath) throws -> [UInt8]
  ) {
    self.folder = folder
    self.scope = scope
    interpolation = Interpolation(environment: environment, folder: folder, readFile: readFile)
  }

  func register(_ row: KeyRow) { table.append(row) }

  func note(_ key: String, at placeName: String, _ place: Place) {
    givenKeys.insert(key)
    places[placeName] = place
  }

  /// Whether a key may remain without its value, because the reader does not need it.
  func mayBeUnseen(_ key: String) -> Bool { !scope.needs(key) }

  /// Whether settings that depend on each other can be compared: whether both are known.
  func seesAll(of keys: String...) -> Bool { keys.allSatisfy(scope.needs) }

  func noteUnseen(_ key: String) { unseenKeys.insert(key) }

  /// Replaces the references in a value, including all values inside it.
  ///
  /// - Returns: The value; if a reference in it is wrong, which is reported, a refused one.
  func resolved(_ node: YAMLNode, of key: String, isSecret: Bool) -> YAMLNode {
    var node = node
    switch node.content {
    case .scalar(let scalar):
      guard scalar.text.utf8.contains(UInt8(ascii: "$")) else { return node }
      do {
        node.content = .scalar(try interpolation.replace(in: scalar, isSecret: isSecret))
      } catch {
        if mayBeUnseen(key) {
          noteUnseen(key)
        } else {
          log.report(error.message, key: key, at: node.place)
        }
        node.content = .refused
      }
    case .list(let items): node.content = .list(items.map { resolved($0, of: key, isSecret: isSecret) })
    case .mapping(let entries):
      node.content = .mapping(
        entries.map {
          var entry = $0
          entry.value = resolved($0.value, of: key, isSecret: isSecret)
          return entry
        })
    case .refused: break
    }
    return node
  }
}

/// The keys below which no text of the file ever appears in a message, whatever is wrong with it.
enum SecretPlaces {
  private static let names = [
    "auth", "secret", "token", "proxy", "url", "webhook", "smtp", "password", "bearer", "basic", "header", "jwt",
    "certificate", "environment",
  ]
  /// Any short word is close to one of these, so none is taken for them.
  private static let shortNames = ["ca", "key"]

  static func contains(_ key: String) -> Bool { names.contains(key) || shortNames.contains(key) }

  /// Whether an unknown key may have been meant as one of these.
  static func mayBe(_ key: String) -> Bool { nearestWord(to: key, among: names) != nil }
}
