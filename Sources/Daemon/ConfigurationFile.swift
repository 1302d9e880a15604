package import DurableFiles
internal import Glibc
package import Settings
internal import SystemPackage

/// The file that people configure eventdrop by.
package struct ConfigurationFile: Sendable {
  /// As the user gave it.
  package let name: String

  package init(_ name: String) {
    self.name = name
  }

  /// The same from the root on.
  package var path: String { absolute(FilePath(name)).string }

  /// Reads and checks it.
  ///
  /// - Throws: `ConfigurationFileError`.
  package func load() throws(ConfigurationFileError) -> Configuration {
    let path = absolute(FilePath(name))
    let bytes: [UInt8]
    do {
      bytes = try read(path)
    } catch {
      throw .unreadable(name, error)
    }
    do {
      return try Configuration(
        yaml: bytes, file: name, folder: path.removingLastComponent(), environment: environmentVariables(),
        readFile: { try read(absolute($0)) })
    } catch {
      throw .problems(error)
    }
  }
}

/// Why there is no configuration.
package enum ConfigurationFileError: Error, Sendable {
  case unreadable(String, FileFailure)
  case problems(ConfigurationProblems)
}

extension ConfigurationFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let name, let failure) where failure.errno == .noSuchFileOrDirectory:
      "\(name):1:1: there is no such file; name one with --config, an empty one will do"
    case .unreadable(let name, let failure): "\(name):1:1: \(failure)"
    case .problems(let problems): problems.description
    }
  }
}

private func absolute(_ path: FilePath) -> FilePath {
  guard path.isRelative else { return path.lexicallyNormalized() }
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  guard getcwd(&buffer, buffer.count) != nil else { return path }
  return FilePath(platformString: buffer).pushing(path).lexicallyNormalized()
}

private func read(_ path: FilePath) throws(FileFailure) -> [UInt8] {
  guard let last = path.lastComponent, let name = FileName(bytes: Array(last.string.utf8)) else {
    throw FileFailure("read", path.string, .isDirectory)
  }
  let folder = try Folder(at: path.removingLastComponent(), files: SystemFiles())
  guard let bytes = try folder.read(following: name, limit: 1 << 20) else {
    throw FileFailure("read", path.string, .noSuchFileOrDirectory)
  }
  return bytes
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
