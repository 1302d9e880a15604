package import DurableFiles
internal import Glibc
internal import Operations
package import Settings
internal import SystemPackage

/// The file in which people configure eventdrop.
package struct ConfigurationFile: Sendable {
  /// As the user gave it.
  package let name: String
  /// A file of variables, in systemd's format, in addition to those of the environment; nil: none.
  private let environmentFile: String?

  /// Names a file.
  ///
  /// - Parameters:
  ///   - name: Its path; nil: the one named by `EVENTDROP_CONFIG`, else `config.yaml` here, else
  ///     `/etc/eventdrop/config.yaml`.
  ///   - environmentFile: A file of variables, in systemd's format.
  package init(_ name: String?, environmentFile: String? = nil) {
    self.name = name ?? Self.found
    self.environmentFile = environmentFile
  }

  /// The last place where the configuration is looked for.
  package static let systemWide = "/etc/eventdrop/config.yaml"

  private static var found: String {
    if let named = getenv("EVENTDROP_CONFIG").map({ spelled($0) }), !named.isEmpty { return named }
    return !isMissing("config.yaml") || isMissing(FilePath(systemWide)) ? "config.yaml" : systemWide
  }

  private static func isMissing(_ path: FilePath) -> Bool {
    do {
      _ = try read(absolute(path))
      return false
    } catch {
      return error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory
    }
  }

  /// The same from the root on.
  package var path: String { absolute(FilePath(spelled: name)).withPlatformString(spelled) }

  /// Reads and checks it.
  ///
  /// - Parameter scope: How much of it is needed.
  /// - Returns: The configuration.
  /// - Throws: `ConfigurationFileError`.
  package func load(_ scope: Configuration.Scope = .whole) throws(ConfigurationFileError) -> Configuration {
    let path = absolute(FilePath(spelled: name))
    var environment = environmentVariables()
    if let environmentFile {
      environment.merge(try Self.variables(in: environmentFile)) { _, own in own }
    }
    let bytes: [UInt8]
    do {
      bytes = try read(path)
    } catch {
      throw .unreadable(name, error)
    }
    do {
      return try Configuration(
        yaml: bytes, file: name, folder: path.removingLastComponent(), environment: environment, scope: scope,
        readFile: readForReference)
    } catch {
      throw .problems(error)
    }
  }
}

extension ConfigurationFile {
  private static func variables(in file: String) throws(ConfigurationFileError) -> [String: String] {
    let bytes: [UInt8]
    do {
      bytes = try read(absolute(FilePath(spelled: file)))
    } catch {
      throw .environmentUnreadable(file, error)
    }
    do {
      return try EnvironmentFile.variables(bytes)
    } catch {
      throw .environmentNotPlainText(file)
    }
  }
}

/// Why there is no configuration.
package enum ConfigurationFileError: Error, Sendable {
  case unreadable(String, FileFailure)
  case environmentUnreadable(String, FileFailure)
  case environmentNotPlainText(String)
  case problems(ConfigurationProblems)
}

extension ConfigurationFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let name, let failure) where failure.errno == .noSuchFileOrDirectory:
      "\(name):1:1: this file does not exist; name another one with --config, or create it with eventdrop init"
    case .unreadable(let name, let failure): "\(name):1:1: \(failure)"
    case .environmentUnreadable(let name, let failure) where failure.errno == .noSuchFileOrDirectory:
      "\(name):1:1: this file of variables does not exist; name another one with --env-file, or omit that option"
    case .environmentUnreadable(let name, let failure): "\(name):1:1: \(failure)"
    case .environmentNotPlainText(let name):
      "\(name):1:1: systemd ignores some variables in this file; save it as UTF-8 without a byte order mark"
    case .problems(let problems): problems.description
    }
  }

  /// The same for people, one line per mistake, in the configuration's own language.
  package var lines: [String] {
    switch self {
    case .problems(let problems): problems.lines(in: problems.language)
    case .unreadable, .environmentUnreadable, .environmentNotPlainText: [description]
    }
  }
}

/// A path as text, in which bytes that are not UTF-8 are spelled.
private func spelled(_ path: UnsafePointer<CChar>) -> String {
  LogText.text(of: UnsafeRawBufferPointer(start: path, count: strlen(path)))
}

func absolutePath(_ path: FilePath) -> FilePath { absolute(path) }

private func absolute(_ path: FilePath) -> FilePath {
  guard path.isRelative else { return path.lexicallyNormalized() }
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  guard getcwd(&buffer, buffer.count) != nil else { return path }
  return FilePath(platformString: buffer).pushing(path).lexicallyNormalized()
}

private func read(_ path: FilePath) throws(FileFailure) -> [UInt8] {
  guard let name = FileName(lastOf: path) else {
    throw FileFailure("read", path.spelled, .isDirectory)
  }
  let folder = try Folder(at: path.removingLastComponent(), files: SystemFiles())
  guard let bytes = try folder.read(following: name, limit: 1 << 20) else {
    throw FileFailure("read", path.spelled, .noSuchFileOrDirectory)
  }
  return bytes
}

/// Reads the file that a reference names: its failures are only the system's words, without the path.
private func readForReference(_ path: FilePath) throws -> [UInt8] {
  do throws(FileFailure) {
    return try read(absolute(path))
  } catch {
    throw error.errno
  }
}

private func environmentVariables() -> [String: String] {
  var variables: [String: String] = [:]
  var next = environ
  while let entry = next.pointee {
    let text = String(cString: entry)
    if let equals = text.firstIndex(of: "=") {
      variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    next += 1
  }
  return variables
}
