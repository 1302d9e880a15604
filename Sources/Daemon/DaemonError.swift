package import Catalog
package import Events

/// Why the daemon does not run.
package enum DaemonError: Error, Sendable {
  case configuration(ConfigurationFileError)
  case locked(by: Int32?, state: String, Language)
  case store(StorageError)
}

extension DaemonError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .configuration(let error): error.description
    case .locked(let process, let state, let language):
      Message(
        CommandMessage.otherRuns, ["process": .text(process.map { "\($0)" } ?? ""), "state": .text(state)]
      ).sentence(in: language)
    case .store(let error): "\(error); \(error.advice)"
    }
  }

  /// Its exit code, from sysexits.h (Documentation/contract.md, "Commands").
  package var exitCode: Int32 {
    switch self {
    case .configuration: 78
    case .locked: 75
    case .store: 1
    }
  }
}
