package import EventStore

/// Why the daemon does not run.
package enum DaemonError: Error, Sendable {
  case configuration(ConfigurationFileError)
  case locked(by: Int32?, state: String)
  case store(StorageError)
}

extension DaemonError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .configuration(let error): error.description
    case .locked(let process, let state):
      "another eventdrop (process \(process.map { "\($0)" } ?? "unknown")) works on \(state); stop it, or set standby: true"
        + " to wait for it"
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
